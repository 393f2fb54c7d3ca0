import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AttributeManager,
  Bus,
  ConnectionStore,
  ControlLink,
  Controller,
  CredentialStore,
  CryptoRegistry,
  custom,
  definePlugin,
  DefinitionError,
  IkeSaState,
  JobPriority,
  KernelManager,
  LogGroup,
  Processor,
  Scheduler,
  ShardController,
  ShardLinks,
  SocketManager,
  StreamServices,
  WaitMeter,
  noMessages,
} from "@cygnet/plugin-api";
import type {
  DaemonStatus,
  FeatureLocation,
  Host,
  IkeSaView,
  Job,
  KernelIpsec,
  KernelNet,
  KeyExchange,
  MessageCounts,
  OperationObserver,
  OperationResult,
  PeerDefinition,
  PoolDefinition,
  ProcessorStatus,
  SharedSecret,
  SocketStatus,
  TimerId,
} from "@cygnet/plugin-api";
import {
  EventBus,
  LogManager,
  MemoryLinks,
  MemoryPluginSource,
  MemorySink,
  NetStreamServices,
  PluginHost,
  VirtualClock,
  WaitTimes,
  createContainer,
  parseSettings,
  provide,
} from "@cygnet/plugin-testkit/parts";
import type { Container } from "@cygnet/plugin-testkit/parts";
import { onTestFinished } from "vitest";
import loadTester from "../src/index.js";

const SOCKET = { local: "0.0.0.0[500]", forwarded: 0, shed: 0, sendErrors: 1, queuedBytes: 0, bufferBytes: 0 };
/** The daemon's sockets. */
export const SOCKETS: readonly SocketStatus[] = [
  { ...SOCKET, received: 10, sent: 20, dropped: 1, shed: 2 },
  { ...SOCKET, received: 1, sent: 2, dropped: 4 },
];
/** The daemon's job processor. */
export const JOBS: ProcessorStatus = { total: 16, idle: 11, working: [5, 0, 0, 0], queued: [0, 1, 2, 3], scheduled: 7 };

/** Timers that fire when a test says so. */
export class ManualScheduler implements Scheduler {
  readonly #armed = new Map<TimerId, { readonly job: Job; readonly dueMs: number }>();
  #nowMs = 0;
  #ids = 0;

  schedule(job: Job, delayMs: number): TimerId {
    this.#armed.set(++this.#ids, { job, dueMs: this.#nowMs + delayMs });
    return this.#ids;
  }
  cancel(id: TimerId): boolean {
    return this.#armed.delete(id);
  }
  get pending(): number {
    return this.#armed.size;
  }
  get nowMs(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    for (const [id, { job, dueMs }] of [...this.#armed]) {
      if (dueMs > this.#nowMs || !this.#armed.delete(id)) continue;
      void job.execute();
    }
  }
}

/** An initiation that the plugin asked for. */
export interface FakeInitiation {
  readonly peer: PeerDefinition;
  readonly observer: OperationObserver | undefined;
  readonly id: number;
  end(result: OperationResult): void;
}

/** A shard's IKE part: IKE_SAs come to be at once, and go on when the test says so. */
export class FakeShardController {
  readonly initiations: FakeInitiation[] = [];
  readonly terminated: number[] = [];
  /** For `count`, beside the IKE_SAs that are open here. */
  connecting = 0;
  up = 0;
  counted = 0;
  /** What becomes of new initiations. */
  mode: "start" | "refuse" | "throw" | "wait" = "start";
  #ids = 0;

  initiate(peer: PeerDefinition, _child: unknown, observer?: OperationObserver): Promise<OperationResult> {
    if (this.mode === "refuse") return Promise.resolve("failed");
    if (this.mode === "throw") return Promise.reject(new DefinitionError("CYG_CONFIG_TS", "load-test", "no traffic selector"));
    return new Promise((resolve) => {
      const id = ++this.#ids;
      this.initiations.push({ peer, observer, id, end: resolve });
      if (this.mode === "start") observer?.started?.(id);
    });
  }
  terminateIke(id: number): Promise<OperationResult> {
    this.terminated.push(id);
    return Promise.resolve("done");
  }
  statusOf(): never {
    throw new Error("nobody asks for that");
  }
  count(): { up: number; connecting: number } {
    this.counted++;
    return { up: this.up, connecting: this.connecting };
  }
}

/** What control can make the daemon of these shards do. */
export class FakeController {
  readonly shutdowns: string[] = [];

  constructor(private readonly shards: readonly FakeShardController[]) {}

  count(): Promise<{ up: number; connecting: number }> {
    const sum = (of: (shard: FakeShardController) => number): number =>
      this.shards.reduce((total, shard) => total + of(shard), 0);
    return Promise.resolve({ up: sum(({ up }) => up), connecting: sum(({ connecting }) => connecting) });
  }
  messageCounts(): Promise<MessageCounts> {
    return Promise.resolve({ ...noMessages(), repeated: 3 });
  }
  status(): Promise<Pick<DaemonStatus, "processor">> {
    return Promise.resolve({ processor: JOBS });
  }
  shutdown(reason: string): void {
    this.shutdowns.push(reason);
  }
}

/** The daemon's job processor: who occupies a slot. */
export class JobSlots {
  readonly occupied: JobPriority[] = [];

  occupySpare(priority: JobPriority): () => void {
    this.occupied.push(priority);
    return () => void this.occupied.pop();
  }
}

export class FakeStores {
  readonly peers = new Map<string, PeerDefinition>();
  readonly secrets = new Map<string, readonly SharedSecret[]>();
  readonly pools: PoolDefinition[] = [];
  /** Proposals that are refused, as a daemon does it. */
  readonly invalid = new Set<string>();

  // eslint-disable-next-line @typescript-eslint/require-await
  async add(backend: string, peer: PeerDefinition): Promise<void> {
    const check = (texts: readonly string[], where: string): void => {
      if (texts.some((text) => this.invalid.has(text)))
        throw new DefinitionError("CYG_CONFIG_PROPOSAL", where, "invalid proposal");
    };
    check(peer.proposals, `${peer.name}.proposals`);
    for (const child of peer.children) check(child.proposals, `${peer.name}.children.${child.name}.proposals`);
    this.peers.set(`${backend}/${peer.name}`, peer);
  }
  remove(backend: string, name: string): Promise<boolean> {
    return Promise.resolve(this.peers.delete(`${backend}/${name}`));
  }
  replaceSecrets(set: string, secrets: readonly SharedSecret[]): Promise<void> {
    this.secrets.set(set, secrets);
    return Promise.resolve();
  }
  removeSet(set: string): Promise<void> {
    this.secrets.delete(set);
    return Promise.resolve();
  }
  addPool(pool: PoolDefinition): void {
    this.pools.push(pool);
  }
  removePool(name: string): boolean {
    const at = this.pools.findIndex((pool) => pool.name === name);
    if (at >= 0) this.pools.splice(at, 1);
    return at >= 0;
  }
}

export class FakeKernels {
  readonly ipsec: KernelIpsec[] = [];
  readonly installed: string[] = [];
  refuses = false;
  net: Pick<KernelNet, "addVirtualIp" | "deleteVirtualIp"> | undefined = {
    addVirtualIp: (address: Host, prefix: number, iface: string) => {
      if (this.refuses) throw new Error("not supported");
      this.installed.push(`${address}/${prefix} ${iface}`);
    },
    deleteVirtualIp: (address: Host, prefix: number) => {
      const at = this.installed.findIndex((each) => each.startsWith(`${address}/${prefix} `));
      if (at >= 0) this.installed.splice(at, 1);
    },
  };
  addIpsec(kernel: KernelIpsec): () => void {
    this.ipsec.push(kernel);
    return () => void this.ipsec.splice(this.ipsec.indexOf(kernel), 1);
  }
}

const kernelNet = definePlugin({
  name: "net",
  api: 1,
  features: () => [{ provides: custom("kernel-net"), register: () => undefined }],
});

/** An IKE_SA of a load test as listeners see it. */
export const sa = (uniqueId: number, isInitiator = true): IkeSaView =>
  ({ uniqueId, isInitiator, name: "load-test", state: IkeSaState.CONNECTING }) as IkeSaView;

/** Lets promises and immediates that wait have their turn. */
export async function settle(turns = 6): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}

function registryOf(exchanges: Map<number, KeyExchange>): CryptoRegistry {
  const registry = {
    addKeyExchange: (_plugin: string, id: number, keyExchange: KeyExchange) => {
      exchanges.set(id, keyExchange);
      return () => void exchanges.delete(id);
    },
  };
  return registry as unknown as CryptoRegistry;
}

/** What a shard has of its own. */
class FakeShard {
  readonly controller = new FakeShardController();
  readonly scheduler = new ManualScheduler();
  readonly kernels = new FakeKernels();
  readonly exchanges = new Map<number, KeyExchange>();
  readonly slots = new JobSlots();
  readonly waits = new WaitTimes();
  readonly bus: EventBus;

  constructor(
    log: LogManager,
    readonly link: ControlLink,
  ) {
    this.bus = new EventBus(log);
  }

  provideIn(container: Container): void {
    provide(container, ControlLink, this.link);
    provide(container, ShardController, this.controller as unknown as ShardController);
    provide(container, Scheduler, this.scheduler);
    provide(container, SocketManager, { socket: { status: () => SOCKETS } } as unknown as SocketManager);
    provide(container, Processor, this.slots as unknown as Processor);
    provide(container, Bus, this.bus);
    provide(container, WaitMeter, this.waits);
    provide(container, KernelManager, this.kernels as unknown as KernelManager);
    provide(container, CryptoRegistry, registryOf(this.exchanges));
  }

  /** The IKE_SA with this number is up, or gone. */
  readonly up = (id: number): void => this.bus.ikeUpdown(sa(id), true);
  readonly gone = (id: number): void => this.bus.ikeStateChange(sa(id), IkeSaState.DESTROYING);
}

/** A daemon of fakes without plugins: control, its shards and its log. */
function fakeDaemon(section: string, shardCount: number) {
  const pidDir = mkdtempSync(join(tmpdir(), "ldt-"));
  const log = new LogManager(new VirtualClock());
  const sink = new MemorySink();
  log.addSink(sink);
  const links = new MemoryLinks(shardCount);
  const shards = links.shards.map((link) => new FakeShard(log, link));
  const stores = new FakeStores();
  const daemon = new FakeController(shards.map(({ controller }) => controller));
  const { settings } = parseSettings(`charon { load = net load-tester\n plugins { load-tester {\n${section}\n} } }`, {
    file: "x.conf",
  });
  const hosts: PluginHost[] = [];
  const unload = async (): Promise<void> => {
    for (const host of [...hosts].reverse()) await host.unload();
  };
  onTestFinished(async () => {
    await unload();
    rmSync(pidDir, { recursive: true, force: true });
  });
  return {
    shards,
    stores,
    daemon,
    unload,
    socket: join(pidDir, "charon.ldt"),
    lines: (level = 1) => sink.messages(LogGroup.CFG, level),
    lib: () => sink.messages(LogGroup.LIB),
    provideControl: (container: Container): void => {
      provide(container, ConnectionStore, stores as unknown as ConnectionStore);
      provide(container, CredentialStore, stores as unknown as CredentialStore);
      provide(container, AttributeManager, stores as unknown as AttributeManager);
      provide(container, Controller, daemon as unknown as Controller);
      provide(container, ShardLinks, links);
      const occupy = () => shards[0].slots.occupySpare(JobPriority.CRITICAL);
      provide(container, StreamServices, new NetStreamServices({ log, pidDir, occupy }));
    },
    loadIn: async (container: Container, locations: readonly FeatureLocation[]): Promise<PluginHost> => {
      const source = new MemoryPluginSource([loadTester, kernelNet]);
      const charon = settings.section("charon");
      const host = new PluginHost({ locations, source, container, log, charon, timers: new VirtualClock() });
      hosts.push(host);
      await host.load();
      return host;
    },
  };
}

/** A loaded plugin in a daemon of fakes, whose one shard is on the thread of control. */
export async function load(section: string, prepare: (fakes: { stores: FakeStores }) => void = () => undefined) {
  const fakes = fakeDaemon(section, 1);
  const [shard] = fakes.shards;
  const container = createContainer();
  shard.provideIn(container);
  fakes.provideControl(container);
  prepare(fakes);
  const host = await fakes.loadIn(container, ["shard", "control"]);
  const { controller, scheduler, bus, kernels, exchanges, slots, up, gone } = shard;
  return { ...fakes, host, controller, scheduler, bus, kernels, exchanges, slots, up, gone };
}

/** A loaded plugin in a daemon of fakes, whose shards are each on a thread of its own. */
export async function loadOnShards(
  section: string,
  shardCount: number,
  prepare: (fakes: { stores: FakeStores }) => void = () => undefined,
) {
  const fakes = fakeDaemon(section, shardCount);
  prepare(fakes);
  for (const shard of fakes.shards) {
    const container = createContainer();
    shard.provideIn(container);
    await fakes.loadIn(container, ["shard"]);
  }
  const container = createContainer();
  fakes.provideControl(container);
  provide(container, CryptoRegistry, registryOf(new Map()));
  const control = await fakes.loadIn(container, ["control"]);
  return {
    ...fakes,
    control,
    advance: (ms: number): void => fakes.shards.forEach(({ scheduler }) => scheduler.advance(ms)),
    /** Initiations of each shard. */
    initiations: () => fakes.shards.map(({ controller }) => controller.initiations.length),
    /** The first identity of each initiation, by shard. */
    identities: () => fakes.shards.map(({ controller }) => controller.initiations.map(({ peer }) => peer.local[0].id)),
  };
}

/** The options of a load test that needs no certificates. */
export const PSK = "enable = yes\n initiator_auth = psk\n responder_auth = psk\n";
