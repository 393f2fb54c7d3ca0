import { InternalError } from "@cygnet/plugin-api";
import type {
  KernelNet,
  LogGroup,
  MaybePromise,
  MessageCounts,
  OperationResult,
  PeerDefinition,
  Plugin,
  ServiceToken,
} from "@cygnet/plugin-api";
import {
  AttributeManagerImpl,
  BackendManagerImpl,
  CredentialStoreImpl,
  LeaseFilter,
  StatusFetcher,
  ikeOptions,
} from "@cygnet/ike";
import type { ChildSa, IkeOptions, IkeSa, IkeSaManager, LocalAddresses } from "@cygnet/ike";
import {
  EventBus,
  JobProcessor,
  LogManager,
  PluginGuard,
  ThreadMeter,
  WaitTimes,
  WheelScheduler,
  readOptions,
} from "@cygnet/runtime";
import { MemorySink } from "@cygnet/runtime/testing";
import type { VirtualClock } from "@cygnet/runtime/testing";
import { Settings } from "@cygnet/settings";
import {
  ControlSide,
  FetcherTable,
  KernelInterfaces,
  ListedAddresses,
  Shard,
  SocketHolder,
  daemonOptions,
  sharedMemory,
} from "@cygnet/daemon/testing";
import type { ControlPort, HeapUse, ShardPort } from "@cygnet/daemon/testing";
import { MEMORY_PLUGIN, PluginSide } from "../host/plugin-side.js";
import type { MemorySocket } from "./memory-network.js";
import { RecordingKernel } from "./recording-kernel.js";
import { algorithmsFor, emptyRegistry } from "./shared-algorithms.js";

/** How an end differs from the usual one. */
export interface EndOptions {
  /** Its plugins, before those with the usual algorithms. `load` must be awaited then. */
  readonly plugins?: readonly Plugin[];
  /** Of the `charon` section, such as `plugins.acme.greeting`; `load` for another order of plugins, with the usual algorithms in it. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What stands between the shard and control, in either direction. */
  readonly link?: (control: ControlPort) => ControlPort;
  /** The end is one of two shards, and this stands between control and it in the other direction. The second shard is idle. */
  readonly linkOfTwo?: (shard: ShardPort) => ShardPort;
  readonly firstSpi?: number;
  /** The addresses it takes messages at; all otherwise. */
  readonly interfaces?: LocalAddresses;
  /** Octets of its heap; the test's own otherwise. */
  readonly heapUse?: () => HeapUse;
  /** What its nonces begin with; random ones otherwise. */
  readonly nonces?: number;
  /** What all its random numbers come from, but those of key exchanges, instead of chance. */
  readonly seed?: number;
  /** Its network; the machine's addresses otherwise. */
  readonly net?: KernelNet;
  /** Up to which level its log is kept, 2 if not set. */
  readonly logLevel?: number;
}

/** One end of an exchange: a shard with all that is real about it but sockets, kernel and time. */
export class End {
  readonly log: LogManager;
  readonly sink: MemorySink;
  readonly bus: EventBus;
  readonly processor: JobProcessor;
  readonly shard: Shard;
  readonly kernel: RecordingKernel;
  readonly control: ControlSide;
  readonly attributes: AttributeManagerImpl;
  readonly backends: BackendManagerImpl;
  readonly credentials: CredentialStoreImpl;
  readonly fetchers = new FetcherTable();
  readonly #plugins: PluginSide | undefined;

  constructor(
    clock: VirtualClock,
    readonly socket: MemorySocket,
    {
      plugins,
      settings = {},
      link = (control) => control,
      linkOfTwo,
      firstSpi,
      nonces,
      seed,
      interfaces,
      heapUse,
      net = new ListedAddresses(),
      logLevel = 2,
    }: EndOptions = {},
  ) {
    this.log = new LogManager(clock);
    this.sink = new MemorySink(logLevel);
    this.log.addSink(this.sink);
    const waits = new WaitTimes(() => clock.tick());
    // The socket in memory is a plugin, too.
    const own = plugins && settings["load"] !== undefined ? { load: `${settings["load"]} ${MEMORY_PLUGIN}` } : {};
    const entries = Object.entries({ ...settings, ...own }).map(([key, value]) => [`charon.${key}`, value] as const);
    const charon = Settings.fromEntries(entries).section("charon");
    const { plugin_timeout: timeout } = readOptions({ plugin_timeout: daemonOptions.plugin_timeout }, charon);
    const meter = new ThreadMeter();
    const now = (): number => clock.tick();
    const guard = new PluginGuard({ log: this.log, timers: clock, waits, times: meter.plugins, limitMs: timeout * 1000, now });
    this.bus = new EventBus(this.log, guard);
    this.processor = new JobProcessor({
      log: this.log,
      clock,
      timers: clock,
      slots: 16,
      defer: (callback) => clock.timer(callback).arm(0),
      turnBudgetMs: 1000,
    });
    const scheduler = new WheelScheduler({ clock, timers: clock, processor: this.processor });
    this.processor.useScheduler(scheduler);
    this.kernel = new RecordingKernel(clock, firstSpi);
    const sockets = new SocketHolder();
    const kernels = new KernelInterfaces();
    if (!plugins) {
      sockets.add(() => socket);
      kernels.addIpsec(this.kernel);
      kernels.addNet(net);
    }
    this.attributes = new AttributeManagerImpl(this.log, guard);
    const crypto = plugins ? emptyRegistry() : algorithmsFor(nonces, seed);
    this.credentials = new CredentialStoreImpl(
      async (change) => this.shard.applySecret(change),
      () => crypto.keyProvider(),
    );
    const statusFetcher = new StatusFetcher({
      fetchers: this.fetchers,
      credentials: () => this.credentials,
      keys: () => crypto.keyProvider(),
      wallMs: () => clock.wallMs,
      random: (octets) => new Uint8Array(octets),
    });
    this.backends = new BackendManagerImpl(guard, (kinds) => this.shard.setBackends(kinds));
    this.control = new ControlSide(this.attributes, this.backends, { resolve: async () => [] }, statusFetcher);
    const shards = linkOfTwo ? 2 : 1;
    const shared = sharedMemory(shards, 0x5eed);
    this.shard = new Shard({
      index: 0,
      shards,
      options: readOptions(ikeOptions, charon) as IkeOptions,
      clock,
      log: this.log,
      bus: this.bus,
      guard,
      processor: this.processor,
      scheduler,
      crypto,
      sockets,
      kernels,
      control: link(this.control),
      shared,
      meter,
      waits,
      heapUse,
      interfaces,
    });
    if (linkOfTwo && shared.leases) this.#leaseByItself(linkOfTwo(this.shard), new LeaseFilter(shared.leases, shards));
    kernels.listen(this.shard.kernelEvents);
    if (!plugins) {
      this.shard.start();
      return;
    }
    const { log, bus, processor, shard, control, attributes, backends, credentials, kernel } = this;
    const memory = { socket, kernel, net };
    const parts = {
      log,
      bus,
      processor,
      shard,
      control,
      attributes,
      backends,
      credentials,
      plugins,
      charon,
      clock,
      scheduler,
      crypto,
      sockets,
      kernels,
      waits,
      guard,
    };
    this.#plugins = new PluginSide({ ...parts, ...memory });
  }

  /** Its plugins. @throws {InternalError} where it was made without */
  get plugins(): PluginSide {
    if (!this.#plugins) throw new InternalError("this end was made without plugins");
    return this.#plugins;
  }

  /** Loads its plugins, if it was made with some, and begins to receive. */
  async load(): Promise<void> {
    await this.#plugins?.load();
  }

  /** Unloads them. IKE_SAs are ended, and peers told. */
  async unload(): Promise<void> {
    await this.#plugins?.unload();
  }

  /** A service as a plugin gets it. @throws {InternalError} where it was made without plugins */
  resolve<S>(token: ServiceToken<S>): S {
    return this.plugins.resolve(token);
  }

  #leaseByItself(shard: ShardPort, filter: LeaseFilter): void {
    this.attributes.useShards(
      {
        tell: (index, change) => void (index === 0 && shard.applyAttributes(change)),
        recall: (index, pool) => (index === 0 ? shard.recallAddresses(pool) : []),
      },
      filter,
    );
    this.attributes.initialize((change) => void shard.applyAttributes(change));
  }

  /** All IKE_SAs, awake: until they rest again after the next work with them, so keep none of them over that. */
  get ikeSas(): IkeSa[] {
    return [...this.manager.ids()].map((uniqueId) => this.manager.byId(uniqueId)).filter((ikeSa) => ikeSa !== undefined);
  }

  get children(): ChildSa[] {
    return this.ikeSas.flatMap((sa) => sa.children);
  }

  /** Log messages of all groups up to level 1, in order, without prefix. */
  lines(level = 1): string[] {
    return this.sink.lines
      .filter((line) => Number(/^\d\d\[[A-Z]{3}(-?\d)\]/.exec(line)?.[1]) <= level)
      .map((line) => line.replace(/^\d\d\[[A-Z]{3}-?\d\] (<[^>]*> )?/, ""));
  }

  messages(group: LogGroup): string[] {
    return this.sink.messages(group, 1);
  }

  secret(text: string, ...owners: string[]): void {
    const change = {
      op: "replace",
      set: `test${owners.join()}`,
      secrets: [{ type: "IKE" as const, owners, secret: new TextEncoder().encode(text) }],
    } as const;
    this.shard.applySecret(change);
  }

  connection(peer: PeerDefinition): void {
    this.shard.applyConfig({ op: "add", backend: "test", peer });
  }

  get manager(): IkeSaManager {
    return this.shard.context.manager;
  }

  /** Received messages that came to nothing. */
  get counts(): MessageCounts {
    return this.shard.context.counters;
  }

  get timers(): number {
    return this.shard.context.scheduler.pending;
  }

  rekeyIke(ikeSa = this.ikeSas[0]!): boolean {
    return this.shard.rekeyIke(ikeSa.uniqueId);
  }

  rekeyChild(child = this.children[0]!): boolean {
    return this.shard.rekeyChild(child.uniqueId);
  }

  terminateIke(ikeSa = this.ikeSas[0]!): Outcome {
    return outcome(this.shard.terminateIke(ikeSa.uniqueId, FOLLOWED));
  }

  terminateChild(child = this.children[0]!): Outcome {
    return outcome(this.shard.terminateChild(child.uniqueId, FOLLOWED));
  }

  initiate(child: string | undefined): Outcome {
    return outcome(this.shard.initiate({ peer: "net", child }, FOLLOWED));
  }
}

/** What an operation came to, undefined as long as it goes on. */
export interface Outcome {
  readonly result: () => OperationResult | undefined;
}

/** The outcome alone, no log lines. */
const FOLLOWED = { operation: 1, level: -1 } as const;

function outcome(operation: MaybePromise<OperationResult>): Outcome {
  let settled: OperationResult | undefined;
  void Promise.resolve(operation).then((result) => (settled = result));
  return { result: () => settled };
}
