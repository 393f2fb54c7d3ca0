import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AttributeManager,
  Bus,
  ConnectionStore,
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
  SocketManager,
  StreamServices,
  noMessages,
} from "@cygnet/plugin-api";
import type {
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
import { createContainer, EventBus, LogManager, NetStreamServices, PluginHost, provide } from "@cygnet/runtime";
import { MemoryPluginSource, MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { parseSettings } from "@cygnet/settings";
import { onTestFinished } from "vitest";
import loadTester from "../src/index.js";

const SOCKET = { local: "0.0.0.0[500]", forwarded: 0, sendErrors: 1, queuedBytes: 0, bufferBytes: 0 };
/** The daemon's sockets. */
export const SOCKETS: readonly SocketStatus[] = [
  { ...SOCKET, received: 10, sent: 20, dropped: 3 },
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

/** A daemon's IKE part: IKE_SAs come to be at once, and go on when the test says so. */
export class FakeController {
  readonly initiations: FakeInitiation[] = [];
  readonly terminated: number[] = [];
  readonly shutdowns: string[] = [];
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
  count(): Promise<{ up: number; connecting: number }> {
    this.counted++;
    return Promise.resolve({ up: this.up, connecting: this.connecting });
  }
  messageCounts(): Promise<MessageCounts> {
    return Promise.resolve({ ...noMessages(), repeated: 3 });
  }
  shutdown(reason: string): void {
    this.shutdowns.push(reason);
  }
}

/** The daemon's job processor: who occupies a slot. */
export class JobSlots {
  readonly occupied: JobPriority[] = [];

  status(): ProcessorStatus {
    return JOBS;
  }
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

/** A loaded plugin in a daemon of fakes. */
export async function load(
  section: string,
  prepare: (fakes: { stores: FakeStores; controller: FakeController }) => void = () => undefined,
) {
  const pidDir = mkdtempSync(join(tmpdir(), "ldt-"));
  const log = new LogManager(new VirtualClock());
  const sink = new MemorySink();
  log.addSink(sink);
  const container = createContainer();
  const stores = new FakeStores();
  const controller = new FakeController();
  const scheduler = new ManualScheduler();
  const bus = new EventBus(log);
  const kernels = new FakeKernels();
  const exchanges = new Map<number, KeyExchange>();
  const registry = {
    addKeyExchange: (_plugin: string, id: number, keyExchange: KeyExchange) => {
      exchanges.set(id, keyExchange);
      return () => void exchanges.delete(id);
    },
  };
  provide(container, ConnectionStore, stores as unknown as ConnectionStore);
  provide(container, CredentialStore, stores as unknown as CredentialStore);
  provide(container, AttributeManager, stores as unknown as AttributeManager);
  provide(container, Controller, controller as unknown as Controller);
  provide(container, Scheduler, scheduler);
  provide(container, SocketManager, { socket: { status: () => SOCKETS } } as unknown as SocketManager);
  const slots = new JobSlots();
  provide(container, Processor, slots as unknown as Processor);
  provide(container, Bus, bus);
  provide(container, KernelManager, kernels as unknown as KernelManager);
  provide(container, CryptoRegistry, registry as unknown as CryptoRegistry);
  provide(
    container,
    StreamServices,
    new NetStreamServices({ log, pidDir, occupy: () => slots.occupySpare(JobPriority.CRITICAL) }),
  );
  prepare({ stores, controller });
  const { settings } = parseSettings(`charon { load = net load-tester\n plugins { load-tester {\n${section}\n} } }`, {
    file: "x.conf",
  });
  const host = new PluginHost({
    locations: ["shard", "control"],
    source: new MemoryPluginSource([loadTester, kernelNet]),
    container,
    log,
    charon: settings.section("charon"),
    timers: new VirtualClock(),
  });
  await host.load();
  onTestFinished(async () => {
    await host.unload();
    rmSync(pidDir, { recursive: true, force: true });
  });
  return {
    host,
    slots,
    stores,
    controller,
    scheduler,
    bus,
    kernels,
    exchanges,
    socket: join(pidDir, "charon.ldt"),
    lines: (level = 1) => sink.messages(LogGroup.CFG, level),
    lib: () => sink.messages(LogGroup.LIB),
    /** The initiation with this number is up, or gone. */
    up: (id: number) => bus.ikeUpdown(sa(id), true),
    gone: (id: number) => bus.ikeStateChange(sa(id), IkeSaState.DESTROYING),
  };
}

/** The options of a load test that needs no certificates. */
export const PSK = "enable = yes\n initiator_auth = psk\n responder_auth = psk\n";
