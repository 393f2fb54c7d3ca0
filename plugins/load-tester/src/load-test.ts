import {
  Bus,
  Controller,
  JobPriority,
  KernelManager,
  LogGroup,
  Processor,
  Scheduler,
  SocketManager,
  StreamServices,
} from "@cygnet/plugin-api";
import type { IkeSaView, PluginContext } from "@cygnet/plugin-api";
import { ControlService } from "./control-service.js";
import { InitLimit } from "./init-limit.js";
import { Initiations } from "./initiations.js";
import { Initiators } from "./initiators.js";
import { jobCounts, setupTimes, socketCounts } from "./load-test-status.js";
import type { LoadTestStatus } from "./load-test-status.js";
import type { LOAD_TESTER_OPTIONS } from "./load-tester-options.js";
import { Pauses } from "./pauses.js";
import type { PeerGenerator } from "./peer-generator.js";
import { SourceAddresses } from "./source-addresses.js";

/** Control clients at a time; more wait. */
const MAX_CLIENTS = 16;

/** The load test of a daemon: its initiators, control socket and status. */
export class LoadTest {
  readonly #context: PluginContext<typeof LOAD_TESTER_OPTIONS>;
  readonly #controller: Controller;
  readonly #pauses: Pauses;
  readonly #limitPauses: Pauses;
  readonly #addresses: SourceAddresses;
  readonly #initiations: Initiations;
  readonly #initLimit: InitLimit;
  readonly #initiators: Initiators;
  readonly #control: ControlService;

  /** @param generator undefined when the options allow no load tests; the control socket is served all the same, and refuses */
  constructor(
    context: PluginContext<typeof LOAD_TESTER_OPTIONS>,
    generator: PeerGenerator | undefined,
    preciseNowMs: () => number = () => performance.now(),
  ) {
    const { log, options, resolve } = context;
    this.#context = context;
    this.#controller = resolve(Controller);
    const scheduler = resolve(Scheduler);
    this.#pauses = new Pauses(scheduler);
    this.#limitPauses = new Pauses(scheduler);
    this.#addresses = new SourceAddresses({
      pools: options.addrs?.entries() ?? [],
      prefix: options.addrs_prefix,
      keep: options.addrs_keep,
      net: () => resolve(KernelManager).net,
      log,
    });
    const controller = this.#controller;
    const onProgress = (): void => this.#limitPauses.wake();
    const addresses = this.#addresses;
    this.#initiations = new Initiations({ controller, generator, addresses, log, preciseNowMs, onProgress });
    const initiations = this.#initiations;
    this.#initLimit = new InitLimit({
      limit: options.init_limit,
      controller,
      pauses: this.#limitPauses,
      inProgress: () => initiations.inProgress,
    });
    this.#initiators = new Initiators({
      initiators: generator === undefined ? 0 : options.initiators,
      iterations: options.iterations,
      delayMs: options.delay,
      initiations,
      initLimit: this.#initLimit,
      pauses: this.#pauses,
      occupy: () => resolve(Processor).occupySpare(JobPriority.CRITICAL),
      onComplete: () => this.#complete(),
    });
    this.#control = new ControlService({
      initiations,
      pauses: this.#pauses,
      status: () => this.status(),
      startInitiators: (atMost) => {
        this.#initiators.start(atMost);
        return this.#initiators.completed;
      },
    });
  }

  /**
   * Opens the control socket, listens to the bus, and starts the initiators with the job processor.
   * @returns the undo @throws {SystemError} CYG_STREAM_LISTEN
   */
  async start(): Promise<() => Promise<void>> {
    const { options, resolve } = this.#context;
    const streams = resolve(StreamServices);
    const closeSocket = await streams.listen({
      uri: options.socket ?? `unix://${streams.pidDir}/charon.ldt`,
      maxConcurrent: MAX_CLIENTS,
      onConnection: (client) => this.#control.serve(client),
    });
    const bus = resolve(Bus);
    const removeListeners = [bus.addListener(this.#initiations), bus.addListener(this.#sideEffects())];
    const scheduler = resolve(Scheduler);
    // As a job, so that they begin when everything else is loaded.
    const execute = (): void => this.#initiators.start();
    const timer = options.start_on_request
      ? 0
      : scheduler.schedule({ name: "load-test", priority: JobPriority.CRITICAL, execute }, 0);
    return async () => {
      scheduler.cancel(timer);
      this.#stop();
      await closeSocket();
      for (const remove of removeListeners) remove();
      await this.#addresses.close();
    };
  }

  /** How it is getting on. */
  async status(): Promise<LoadTestStatus> {
    const { elapsedMs, ...counts } = this.#initiations.counts;
    const { connecting, up } = await this.#controller.count();
    const { setupTimes: histogram } = this.#initiations;
    return {
      ...counts,
      half_open: connecting,
      up,
      running: this.#initiators.isRunning,
      elapsed_ms: Math.round(elapsedMs * 1000) / 1000,
      setup_ms: setupTimes(histogram),
      setup_ms_histogram: histogram.buckets().map(({ from, to, count }) => [from / 1000, to / 1000, count] as const),
      sockets: socketCounts(this.#context.resolve(SocketManager).socket?.status() ?? []),
      processor: jobCounts(this.#context.resolve(Processor).status()),
      messages: await this.#controller.messageCounts(),
    };
  }

  /** Nothing is initiated any more; who waits, ends. */
  #stop(): void {
    this.#initiators.stop();
    this.#initiations.stop();
    this.#control.stop();
    this.#initLimit.stop();
    this.#pauses.stop();
    this.#limitPauses.stop();
  }

  #complete(): void {
    if (!this.#context.options.shutdown_when_complete) return;
    this.#context.log.log(LogGroup.CFG, 1, "load-test complete, raising SIGTERM");
    this.#controller.shutdown("load-test complete");
  }

  /** What is done about IKE_SAs of either role. */
  #sideEffects() {
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
