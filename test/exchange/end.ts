import { RngQuality, peerDefinition, authRound, childDefinition } from "@cygnet/plugin-api";
import type {
  ChildDefinition,
  KernelNet,
  LogGroup,
  MaybePromise,
  MessageCounts,
  OperationResult,
  PeerDefinition,
} from "@cygnet/plugin-api";
import { AlgorithmRegistry } from "@cygnet/crypto";
import { testVectors } from "@cygnet/crypto/vectors";
import { AttributeManagerImpl, CredentialStoreImpl, LeaseFilter, StatusFetcher, ikeOptions } from "@cygnet/ike";
import type { ChildSa, IkeOptions, IkeSa, IkeSaManager, LocalAddresses } from "@cygnet/ike";
import { EventBus, JobProcessor, LogManager, ThreadMeter, WaitTimes, WheelScheduler, readOptions } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { Settings } from "@cygnet/settings";
import {
  ControlSide,
  FetcherTable,
  KernelInterfaces,
  ListedAddresses,
  Shard,
  SocketHolder,
  sharedMemory,
} from "@cygnet/daemon/testing";
import type { ControlPort, HeapUse, ShardPort } from "@cygnet/daemon/testing";
import { loadAlgorithms } from "./algorithms.js";
import { MemoryNetwork } from "./memory-network.js";
import type { MemorySocket } from "./memory-network.js";
import { RecordingKernel } from "./recording-kernel.js";

/** The algorithms of all ends: they keep nothing of what they are used for, and testing them takes a while. */
const algorithms = new AlgorithmRegistry({ vectors: testVectors, logger: { enabled: () => false, log: () => undefined } });
loadAlgorithms(algorithms);

/** The same algorithms with other sources of random numbers. */
function withSources(sources: Partial<AlgorithmRegistry>): AlgorithmRegistry {
  return new Proxy(algorithms, {
    get(target, property) {
      const value: unknown = Reflect.get(property in sources ? sources : target, property);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

/** Nonces that begin with a given octet, and count: who has the lower ones is settled then. */
function withNonces(first: number): AlgorithmRegistry {
  let count = 0;
  const nonce = (out: Uint8Array): void => {
    out.fill(0x55);
    out[0] = first;
    out[1] = ++count;
  };
  return withSources({ nonceGen: () => ({ nonce }) });
}

/** SPIs, nonces, IVs and jitter that are the same each time. */
function withSeed(seed: number): AlgorithmRegistry {
  let state = seed | 1;
  const bytes = (out: Uint8Array): void => {
    for (let i = 0; i < out.length; i++) out[i] = (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) >>> 24;
  };
  return withSources({ nonceGen: () => ({ nonce: bytes }), rng: () => ({ quality: RngQuality.STRONG, bytes }) });
}

function algorithmsFor(nonces: number | undefined, seed: number | undefined): AlgorithmRegistry {
  if (seed !== undefined) return withSeed(seed);
  return nonces === undefined ? algorithms : withNonces(nonces);
}

/** How an end differs from the usual one. */
export interface EndOptions {
  /** Of the `charon` section. */
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
  readonly credentials: CredentialStoreImpl;
  readonly fetchers = new FetcherTable();

  constructor(
    clock: VirtualClock,
    readonly socket: MemorySocket,
    {
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
    this.bus = new EventBus(this.log);
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
    sockets.add(() => socket);
    const kernels = new KernelInterfaces();
    kernels.addIpsec(this.kernel);
    kernels.addNet(net);
    this.attributes = new AttributeManagerImpl(this.log);
    const crypto = algorithmsFor(nonces, seed);
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
    this.control = new ControlSide(this.attributes, { resolve: async () => [] }, statusFetcher);
    const view = Settings.fromObject({ charon: settings }).section("charon");
    const shards = linkOfTwo ? 2 : 1;
    const shared = sharedMemory(shards, 0x5eed);
    this.shard = new Shard({
      index: 0,
      shards,
      options: readOptions(ikeOptions, view) as IkeOptions,
      clock,
      log: this.log,
      bus: this.bus,
      processor: this.processor,
      scheduler,
      crypto,
      sockets,
      kernels,
      control: link(this.control),
      shared,
      meter: new ThreadMeter(),
      waits: new WaitTimes(),
      heapUse,
      interfaces,
    });
    if (linkOfTwo && shared.leases) this.#leaseByItself(linkOfTwo(this.shard), new LeaseFilter(shared.leases, shards));
    this.shard.start();
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

/** Addresses of the two ends, by family. */
const ADDRESSES = { 4: ["192.0.2.1", "192.0.2.2"], 6: ["2001:db8::1", "2001:db8::2"] } as const;

/** How a pair differs from the usual one. */
export interface PairOptions {
  readonly moon?: EndOptions;
  readonly sun?: EndOptions;
  readonly family?: 4 | 6;
}

/** Two ends, `moon` and `sun`, on one network. */
export class Pair {
  readonly clock = new VirtualClock();
  readonly network = new MemoryNetwork(this.clock);
  readonly moon: End;
  readonly sun: End;
  readonly #addresses: readonly [string, string];

  constructor({ moon, sun, family = 4 }: PairOptions = {}) {
    this.#addresses = ADDRESSES[family];
    this.moon = new End(this.clock, this.network.socket(this.#addresses[0]), { firstSpi: 0xc000_0000, ...moon });
    this.sun = new End(this.clock, this.network.socket(this.#addresses[1]), { firstSpi: 0xd000_0000, ...sun });
  }

  get ends(): readonly [End, End] {
    return [this.moon, this.sun];
  }

  /** The usual PSK connection on both ends; what differs can be given for each. */
  configure(moon: Partial<PeerDefinition> = {}, sun: Partial<PeerDefinition> = {}, child: Partial<ChildDefinition> = {}): void {
    const [moonAddress, sunAddress] = this.#addresses;
    this.moon.secret("secret", "moon", "sun");
    this.sun.secret("secret", "moon", "sun");
    this.moon.connection(definition("moon", "sun", moonAddress, sunAddress, moon, child));
    this.sun.connection(definition("sun", "moon", sunAddress, moonAddress, sun, child));
  }

  /** Lets time pass, and promises settle. */
  async run(ms = 50, steps = 20): Promise<void> {
    for (let step = 0; step < steps; step++) {
      this.clock.advance(ms / steps);
      await settle();
    }
  }

  async establish(): Promise<void> {
    this.moon.initiate("net");
    await this.run();
  }
}

/** The CHILD_SA definition that ends have unless told otherwise. */
export function usualChild(end: "moon" | "sun", name = "net", given: Partial<ChildDefinition> = {}): ChildDefinition {
  const [localTs, remoteTs] = end === "moon" ? ["10.1.0.0/16", "10.2.0.0/16"] : ["10.2.0.0/16", "10.1.0.0/16"];
  return childDefinition(name, {
    localTs: [localTs!],
    remoteTs: [remoteTs!],
    proposals: ["aes128-sha1"],
    rekeyTime: 0,
    lifeTime: 0,
    ...given,
  });
}

function definition(
  local: "moon" | "sun",
  remote: "moon" | "sun",
  localAddress: string,
  remoteAddress: string,
  given: Partial<PeerDefinition>,
  child: Partial<ChildDefinition>,
): PeerDefinition {
  return peerDefinition("net", {
    localAddresses: [localAddress],
    remoteAddresses: [remoteAddress],
    proposals: ["aes128-sha1-modp768"],
    local: [authRound({ auth: "psk", id: local })],
    remote: [authRound({ auth: "psk", id: remote })],
    rekeyTime: 0,
    // Which the machine's own addresses would be told with.
    mobike: false,
    children: [usualChild(local, "net", child)],
    ...given,
  });
}

/** Runs what promises wait for; nothing here takes real time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}
