import {
  Bus,
  Clock,
  ControlLink,
  JobPriority,
  KernelManager,
  LogGroup,
  Processor,
  Scheduler,
  ShardController,
  ShardCredentials,
  SocketManager,
  WaitMeter,
} from "@cygnet/plugin-api";
import type { IkeSaView, Listener, PluginContext, TimerId, Undo } from "@cygnet/plugin-api";
import { CertificateSource } from "./certificates/certificate-source.js";
import { DEFAULT_DIGEST, digestOf } from "./certificates/signature-algorithm.js";
import { InitLimit } from "./init-limit.js";
import { Initiations } from "./initiations.js";
import { Initiators } from "./initiators.js";
import { INITIATE, PROGRESS, SHARD_STATUS, START_INITIATORS } from "./link-topics.js";
import type { InitiationProgress, InitiationRequest, Proposals, StartRequest } from "./link-topics.js";
import { socketCounts } from "./load-test-status.js";
import type { LOAD_TESTER_OPTIONS } from "./load-tester-options.js";
import { Pauses } from "./pauses.js";
import { PeerGenerator } from "./peer-generator.js";
import { ShardShare } from "./shard-share.js";
import type { ShardPlace } from "./shard-share.js";
import { SourceAddresses } from "./source-addresses.js";
import type { ShardStatus } from "./status-sum.js";

/** Unlike that of `Date`, with fractions and without steps; the same on all threads. */
const wallNowMs = (): number => performance.timeOrigin + performance.now();

/** The load test of one shard: its share of the initiators, and what control wants initiated here. */
export class ShardLoadTest {
  readonly #context: PluginContext<typeof LOAD_TESTER_OPTIONS>;
  readonly #link: ControlLink;
  readonly #controller: ShardController;
  readonly #scheduler: Scheduler;
  readonly #pauses: Pauses;
  readonly #limitPauses: Pauses;
  readonly #addresses: SourceAddresses;
  readonly #generator: PeerGenerator | undefined;
  /** Undefined where nobody needs certificates. */
  readonly #certificates: CertificateSource | undefined;
  readonly #initiations: Initiations;
  readonly #initLimit: InitLimit;
  readonly #share: ShardShare;
  readonly #initiators: Initiators;
  #startJob: TimerId = 0;

  constructor(context: PluginContext<typeof LOAD_TESTER_OPTIONS>) {
    const { log, options, resolve } = context;
    this.#context = context;
    const link = (this.#link = resolve(ControlLink));
    const controller = (this.#controller = resolve(ShardController));
    this.#scheduler = resolve(Scheduler);
    this.#pauses = new Pauses(this.#scheduler);
    const limitPauses = (this.#limitPauses = new Pauses(this.#scheduler));
    const addresses = (this.#addresses = new SourceAddresses({
      pools: options.addrs?.entries() ?? [],
      place: link,
      prefix: options.addrs_prefix,
      keep: options.addrs_keep,
      net: () => resolve(KernelManager).net,
      log,
    }));
    // Control says why there is none.
    const generator = (this.#generator = PeerGenerator.of(options, link, () => undefined));
    if (generator?.usesCertificates) this.#certificates = this.#certificateSource(link);
    const initiations = (this.#initiations = new Initiations({
      controller,
      place: link,
      generator,
      addresses,
      log,
      nowMs: wallNowMs,
      onProgress: () => limitPauses.wake(),
    }));
    this.#share = new ShardShare(generator === undefined ? 0 : options.initiators, link);
    this.#initLimit = new InitLimit({
      limit: this.#share.ofLimit(options.init_limit),
      controller,
      pauses: limitPauses,
      inProgress: () => initiations.inProgress,
    });
    this.#initiators = new Initiators({
      initiators: this.#share.initiators,
      iterations: options.iterations,
      delayMs: options.delay,
      initiations,
      initLimit: this.#initLimit,
      pauses: this.#pauses,
      waits: resolve(WaitMeter),
      occupy: () => resolve(Processor).occupySpare(JobPriority.CRITICAL),
    });
  }

  #certificateSource(place: ShardPlace): CertificateSource {
    const { options, resolve } = this.#context;
    const { crl, digest } = options;
    const clock = resolve(Clock);
    const nowMs = (): number => clock.wallMs;
    const credentials = resolve(ShardCredentials);
    return new CertificateSource({ credentials, digest: digestOf(digest) ?? DEFAULT_DIGEST, crl, place, nowMs });
  }

  /** Listens to the bus, makes certificates and answers control. @returns the undo */
  start(): () => Promise<void> {
    const bus = this.#context.resolve(Bus);
    const link = this.#link;
    const certificates = this.#certificates;
    const undo: Undo[] = [
      ...(certificates ? [this.#context.resolve(ShardCredentials).addSource(certificates)] : []),
      bus.addListener(this.#initiations),
      bus.addListener(this.#sideEffects()),
      link.answer(START_INITIATORS, (request) => this.#startInitiators(request)),
      link.answer(INITIATE, (request) => this.#initiate(request)),
      link.answer(SHARD_STATUS, () => this.#status()),
    ];
    return async () => {
      this.#stop();
      for (const each of undo) await each();
      await this.#addresses.close();
    };
  }

  /** Of initiations from now on. Without any there are none. */
  #useProposals(proposals: Proposals | undefined): void {
    if (proposals === undefined) return this.#initiations.stop();
    if (this.#generator === undefined) return;
    this.#generator.proposal = proposals.proposal;
    this.#generator.esp = proposals.esp;
  }

  #startInitiators({ proposals, atMost, asJob }: StartRequest): Promise<number | undefined> {
    this.#useProposals(proposals);
    if (proposals === undefined) return Promise.resolve(0);
    const execute = (): void => this.#initiators.start(this.#share.of(atMost));
    if (asJob) this.#startJob = this.#scheduler.schedule({ name: "load-test", priority: JobPriority.CRITICAL, execute }, 0);
    else execute();
    return this.#initiators.completed;
  }

  async #initiate({ proposals, request, delayMs }: InitiationRequest): Promise<void> {
    this.#useProposals(proposals);
    const tell = (step: InitiationProgress["step"]): void => this.#link.tell(PROGRESS, { request, step });
    await this.#initiations.initiate({
      started: () => tell("started"),
      refused: () => tell("refused"),
      retransmitted: () => tell("retransmitted"),
      established: () => tell("established"),
      failed: () => tell("failed"),
    });
    await this.#pauses.sleep(delayMs);
  }

  #status(): ShardStatus {
    const { resolve } = this.#context;
    const { counts, firstMs, lastMs, setupTimes } = this.#initiations;
    return {
      counts,
      firstMs,
      lastMs,
      running: this.#initiators.isRunning,
      setupTimes: setupTimes.counts(),
      sockets: socketCounts(resolve(SocketManager).socket?.status() ?? []),
    };
  }

  /** Nothing is initiated any more; who waits, ends. */
  #stop(): void {
    this.#scheduler.cancel(this.#startJob);
    this.#initiators.stop();
    this.#initiations.stop();
    this.#initLimit.stop();
    this.#pauses.stop();
    this.#limitPauses.stop();
  }

  /** What is done about IKE_SAs of either role. */
  #sideEffects(): Listener {
    const { delete_after_established } = this.#context.options;
    return {
      name: "load-tester",
      ikeUpdown: (ikeSa: IkeSaView, up: boolean): void => {
        this.#limitPauses.wake();
        if (!up || !delete_after_established) return;
        const { uniqueId } = ikeSa;
        // Later, as the IKE_SA is in use during the event.
        setImmediate(() => void this.#delete(uniqueId));
      },
    };
  }

  async #delete(uniqueId: number): Promise<void> {
    try {
      await this.#controller.terminateIke(uniqueId);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#context.log.log(LogGroup.CFG, 1, `deleting IKE_SA [${uniqueId}] failed: ${reason}`);
    }
  }
}
