import type {
  ControlLink,
  CryptoRegistry,
  IkeSaStatus,
  InstalledPolicy,
  KernelEvents,
  LinkTopic,
  MaybePromise,
  MessageCounts,
  OperationResult,
  ProcessorStatus,
  RedirectGateway,
  SaSelector,
  ShardController,
  ShardProfile,
  SteeringKey,
} from "@cygnet/plugin-api";
import { InternalError, LogGroup, RngQuality, noMessages } from "@cygnet/plugin-api";
import { IkeAuth, IkeKeymat, IkeSuites, defaultProposals, parseProposal } from "@cygnet/crypto";
import type { AlgorithmRegistry } from "@cygnet/crypto";
import {
  BackendLookup,
  ConfigSet,
  DaemonCounts,
  IdentityPairs,
  IkeSaManager,
  KernelInterface,
  LeaseFilter,
  MessageCodec,
  OctetArena,
  RandomPool,
  Receiver,
  Reqids,
  ResponseTimes,
  CertificateStore,
  CredentialSources,
  RedirectProviders,
  RevocationSettings,
  SecretStore,
  Sender,
  ShardControl,
  ShardKernelEvents,
  Traps,
  describeMessageCounts,
  ikeSaStatus,
  shardOfSpi,
} from "@cygnet/ike";
import type {
  AddressRange,
  AttributeChange,
  BackendKinds,
  CompileEnv,
  ConfigChange,
  IkeContext,
  IkeOptions,
  IkeSa,
  Initiation,
  LocalAddresses,
  CredentialChange,
  ShardObserver,
} from "@cygnet/ike";
import type {
  EventBus,
  JobProcessor,
  LogManager,
  PluginGuard,
  PreciseClock,
  ThreadMeter,
  WaitTimes,
  WheelScheduler,
} from "@cygnet/runtime";
import type { ControlPort, FollowedOperation, ShardPort } from "../link.js";
import { Topics } from "../topics.js";
import type { KernelInterfaces } from "../services/kernel-manager.js";
import type { SocketHolder } from "../services/socket-manager.js";
import { HeapWatch } from "./heap-watch.js";
import type { HeapUse } from "./heap-watch.js";
import { LinkedControlClient } from "./linked-control-client.js";
import { LoadWatch } from "./load-watch.js";
import { ShardLists } from "./shard-lists.js";
import { SaNumbers } from "./sa-numbers.js";
import type { SharedMemory } from "./shared-memory.js";
import { TimedKernels } from "./timed-kernels.js";

/** What a shard is made from. */
export interface ShardParts {
  readonly index: number;
  readonly shards: number;
  readonly options: IkeOptions;
  readonly clock: PreciseClock;
  readonly log: LogManager;
  readonly bus: EventBus;
  /** What plugins of the shard are called by. */
  readonly guard: PluginGuard;
  readonly processor: JobProcessor;
  readonly scheduler: WheelScheduler;
  readonly crypto: AlgorithmRegistry;
  readonly sockets: SocketHolder;
  readonly kernels: KernelInterfaces;
  readonly control: ControlPort;
  readonly shared: SharedMemory;
  /** How messages find their shard, where there are several. */
  readonly steering?: SteeringKey | undefined;
  /** Of the thread that the shard runs on. */
  readonly meter: Pick<ThreadMeter, "sample" | "profile">;
  /** What the shard, and plugins on its thread, wait for. */
  readonly waits: WaitTimes;
  /** In place of the thread's own, for tests. */
  readonly heapUse?: (() => HeapUse) | undefined;
  /** Unset where all interfaces are used. */
  readonly interfaces?: LocalAddresses | undefined;
}

/** How proposals are read with the algorithms that are loaded. */
export function compileEnv(crypto: AlgorithmRegistry, leftOut?: CompileEnv["leftOut"]): CompileEnv {
  return {
    ...(leftOut && { leftOut }),
    parseProposal: (protocol, text) => parseProposal(protocol, text),
    defaultProposals: (protocol) => defaultProposals(protocol, crypto.supported()),
  };
}

/**
 * A share-nothing unit of the daemon: the IKE_SAs with all they need, and the shard's half of the link to control.
 */
export class Shard implements ShardPort {
  readonly context: IkeContext;
  readonly receiver: Receiver;
  /** Takes what the kernel tells. */
  readonly kernelEvents: KernelEvents;
  readonly #commands: ShardControl;
  readonly #traps: Traps;
  readonly #topics = new Topics<[request: unknown]>();
  readonly #client: LinkedControlClient;
  readonly #watch: LoadWatch;
  readonly #lists: ShardLists;

  constructor(private readonly parts: ShardParts) {
    const { options, clock, log, bus, guard, processor, scheduler, crypto, sockets, kernels, waits } = parts;
    const certificates = new CertificateStore(() => crypto.keyProvider());
    const env = compileEnv(crypto);
    const heap = new HeapWatch(parts.shards > 1 ? `shard ${parts.index}` : "the daemon", log, parts.heapUse);
    const random = new RandomPool(crypto);
    const daemonCounts = new DaemonCounts(parts.shared.counts, parts.index);
    const { control, index, shards, shared } = parts;
    const filter = shared.leases && new LeaseFilter(shared.leases, shards);
    const numbers = new SaNumbers(shared.numbers, parts);
    this.#client = new LinkedControlClient({ control, log, waits, index, numbers, filter, defer: soon });
    // Codec and manager refer back to the context that they are part of, so they come last.
    const base = {
      options,
      clock,
      log,
      bus,
      processor,
      scheduler,
      crypto,
      suites: new IkeSuites(crypto),
      keymat: new IkeKeymat(poolAsRng(random)),
      auth: new IkeAuth(),
      random,
      octets: new OctetArena(),
      sockets,
      counters: noMessages(),
      responses: new ResponseTimes(waits),
      kernel: new KernelInterface(
        new TimedKernels(kernels, waits),
        log,
        options,
        new Reqids({ base: options.reqid_base, shard: parts.index, shards: parts.shards }),
      ),
      configs: new ConfigSet(env),
      secrets: new SecretStore(),
      certificates,
      sources: new CredentialSources({ store: certificates, log, guard }),
      redirects: new RedirectProviders(log, guard),
      revocation: new RevocationSettings(),
      control: this.#client,
      memory: heap,
      interfaces: parts.interfaces,
    };
    const { steering } = parts;
    const isOurs = steering && ((hi: number, lo: number): boolean => shardOfSpi(steering, hi, lo) === index);
    const context = withBackReferences(base, (whole) => ({
      codec: new MessageCodec(whole),
      sender: new Sender(whole),
      backends: new BackendLookup(whole, env),
      manager: new IkeSaManager(whole, daemonCounts, new IdentityPairs(parts.shared.pairs, parts.index), isOurs),
    }));
    this.context = context;
    this.receiver = new Receiver(context, daemonCounts);
    this.#commands = new ShardControl(context, env);
    this.#lists = new ShardLists(context, processor);
    const traps = (this.#traps = new Traps(context, (...trapped) => this.#commands.initiateTrapped(...trapped)));
    this.kernelEvents = new ShardKernelEvents(context, (...packet) => traps.acquire(...packet));
    const watch = (this.#watch = new LoadWatch(clock, sockets, parts.meter, heap));
    processor.onTurnEnd(() => {
      this.receiver.endTurn();
      daemonCounts.setJobs(processor.load);
      watch.turnEnded();
    });
  }

  /** Begins to receive. */
  start(): void {
    const { socket } = this.parts.sockets;
    if (!socket) throw new InternalError("there is no socket to receive from");
    const { processor } = this.parts;
    socket.start((packets, count) => {
      this.receiver.receive(packets, count);
      processor.run();
    });
  }

  /** Ends all IKE_SAs and tells the peers. Says which received messages were of no use. */
  async stop(): Promise<void> {
    await this.#commands.closeAll();
    this.#client.leases?.flush();
    this.parts.sockets.socket?.flush();
    const counts = describeMessageCounts(this.context.counters);
    if (counts !== "") this.context.log.log(LogGroup.NET, 1, `received messages that came to nothing: ${counts}`);
    this.context.secrets.clear();
    this.context.certificates.clear();
  }

  // --- what control asks ---

  applyConfig(change: ConfigChange): void {
    this.context.configs.apply(change);
  }

  applySecret(change: CredentialChange): void {
    const { secrets, certificates } = this.context;
    if (change.op === "replace" || change.op === "remove") secrets.apply(change);
    if (change.op !== "replace") certificates.apply(change);
  }

  applyOptions(options: IkeOptions): void {
    this.context.options = options;
  }

  applyAttributes(change: AttributeChange): void {
    this.#client.leases?.apply(change);
  }

  recallAddresses(pool: number): readonly AddressRange[] {
    return this.#client.leases?.recall(pool) ?? [];
  }

  setRequestedAttributes(types: readonly number[]): void {
    this.#client.requestedAttributes = types;
  }

  setBackends(kinds: BackendKinds): void {
    this.context.backends.kinds = kinds;
  }

  initiate(initiation: Initiation, follow: FollowedOperation | undefined): Promise<OperationResult> {
    return this.#commands.initiate(initiation, this.#observer(follow));
  }

  install(initiation: Initiation): Promise<boolean> {
    return this.#commands.install(initiation, this.#traps);
  }

  uninstall(childName: string): Promise<"trap" | "shunt" | undefined> {
    return this.#traps.uninstall(childName);
  }

  installedPolicies(): readonly InstalledPolicy[] {
    return this.#traps.list();
  }

  terminateIke(uniqueId: number, follow: FollowedOperation | undefined, force = false): Promise<OperationResult> {
    return this.#commands.terminateIke(uniqueId, this.#observer(follow), force);
  }

  terminateChild(uniqueId: number, follow: FollowedOperation | undefined): Promise<OperationResult> {
    return this.#commands.terminateChild(uniqueId, this.#observer(follow));
  }

  rekeyIke(uniqueId: number, reauth = false): boolean {
    return this.#commands.rekeyIke(uniqueId, reauth);
  }

  rekeyChild(uniqueId: number): boolean {
    return this.#commands.rekeyChild(uniqueId);
  }

  redirectIke(uniqueId: number, gateway: RedirectGateway): boolean {
    return this.#commands.redirectIke(uniqueId, gateway);
  }

  endDuplicates(pair: string, order: number, isInitialContact: boolean): void {
    this.#commands.endDuplicates(pair, order, isInitialContact);
  }

  hasDuplicate(pair: string, order: number): boolean {
    return this.#commands.hasDuplicate(pair, order);
  }

  openList(list: number, selector: SaSelector, withUse: boolean): void {
    this.#lists.open(list, selector, withUse);
  }

  nextListed(list: number): Promise<readonly IkeSaStatus[] | undefined> {
    return this.#lists.next(list);
  }

  nextText(list: number, topic: string, how: unknown): Promise<string | undefined> {
    return this.#lists.nextText(list, topic, how);
  }

  closeList(list: number): void {
    this.#lists.close(list);
  }

  count(): { readonly up: number; readonly connecting: number } {
    return this.#commands.count();
  }

  messageCounts(): MessageCounts {
    return { ...this.context.counters };
  }

  processorStatus(): ProcessorStatus {
    return this.parts.processor.status();
  }

  profile(): ShardProfile {
    const { index, meter, processor, waits } = this.parts;
    return {
      shard: index,
      thread: meter.profile(),
      processor: processor.status(),
      starved: processor.starved(),
      jobs: processor.profile(),
      waits: waits.profile(),
      sockets: this.#watch.sockets(),
      retransmissions: this.context.responses.retransmissions,
    };
  }

  ask(topic: string, request: unknown): MaybePromise<unknown> {
    return this.#topics.call(topic, request);
  }

  /** What plugins on the shard can have it do. */
  get controller(): ShardController {
    const commands = this.#commands;
    return {
      initiate: (peer, child, observer) =>
        commands.initiate(
          { peer, child: child?.name },
          observer && {
            level: observer.level,
            log: (group, level, message) => observer.log(group, level, message),
            started: (ikeSaId) => observer.started?.(ikeSaId),
          },
        ),
      terminateIke: (uniqueId) => commands.terminateIke(uniqueId, undefined),
      addText: (topic, text) => this.#lists.addText(topic, text),
      // Listeners are called with IKE_SAs as they are.
      statusOf: (ikeSa, withUse) => ikeSaStatus(this.context, ikeSa as IkeSa, withUse),
      count: () => commands.count(),
    };
  }

  /** How plugins on the shard reach those on control. */
  get controlLink(): ControlLink {
    const { control, index, shards } = this.parts;
    return {
      shard: index,
      shards,
      answer: (topic, answer) => this.#topics.add(topic.name, (request) => answer(request as Parameters<typeof answer>[0])),
      tell: (topic, message) => ignore(control.tell(index, topic.name, message)),
      ask: async <Request, Answer>(topic: LinkTopic<Request, Answer>, request: Request) =>
        (await control.askControl(index, topic.name, request)) as Answer,
    };
  }

  #observer(follow: FollowedOperation | undefined): ShardObserver | undefined {
    if (!follow) return undefined;
    const { control } = this.parts;
    const { operation, level } = follow;
    return {
      level,
      log: (group, messageLevel, message) => ignore(control.operationLog(operation, group, messageLevel, message)),
      started: (ikeSaId) => ignore(control.operationStarted(operation, ikeSaId)),
    };
  }
}

/** How long control may be behind with what it is told of leases. */
const SOON_MS = 5;

const soon = (callback: () => void): void => void setTimeout(callback, SOON_MS);

/** Completes a context by members that are made with the complete one. They may keep it, but not use it while they are made. */
function withBackReferences<B extends object>(base: B, make: (whole: IkeContext) => Omit<IkeContext, keyof B>): IkeContext {
  const whole = base as unknown as IkeContext;
  return Object.assign(whole, make(whole));
}

/** Keys are derived long after start; the pool asks the registry for its source each time it needs one. */
function poolAsRng(random: RandomPool): NonNullable<ReturnType<CryptoRegistry["rng"]>> {
  return { quality: RngQuality.STRONG, bytes: (out) => random.fill(out) };
}

/** Control is not there any more when the daemon ends; nobody misses the line. */
function ignore(result: MaybePromise<void>): void {
  if (result instanceof Promise) result.catch(() => undefined);
}
