import { randomBytes } from "node:crypto";
import { LogGroup, PluginError, SocketManager } from "@cygnet/plugin-api";
import type { PerPriority, PluginReport, SteeringKey, WaitMeter } from "@cygnet/plugin-api";
import { DaemonCounts, IdentityPairs } from "@cygnet/ike";
import { provide } from "@cygnet/runtime";
import type { Container, LogManager, LogTroubles } from "@cygnet/runtime";
import { SharedSocketHolder } from "../services/socket-manager.js";
import type { Settings } from "@cygnet/settings";
import type { CoreFeatures } from "../built-in-plugin.js";
import type { ControlSlots } from "../control/processor-sum.js";
import type { ShardSet } from "../control/shard-set.js";
import type { ControlPort, ShardPort } from "../link.js";
import type { CharonValues } from "../options/charon-values.js";
import type { SharedMemory } from "../shard/shared-memory.js";
import { GONE, ShardGoneError } from "./gone-shard.js";
import { unpackRecords } from "./record-batch.js";
import { timedLink } from "./timed-link.js";
import { droppedReservations, shareSlots } from "./share.js";
import type { SlotShare } from "./share.js";
import { ShardThread } from "./shard-thread.js";
import type { ThreadFault } from "./shard-thread.js";
import type { ShardThreadData, ThreadPort } from "./thread-ports.js";

/** A shard that lived for less than this is not replaced at once: what ended it is likely to be there still. */
const SHORT_LIFE_MS = 10_000;
const REPLACE_DELAY_MS = 1_000;
/** How often a shard is started when the daemon starts, before that counts as failed. */
const FIRST_TRIES = 3;

/** What a socket plugin that knows of one shard only leads to. */
const NO_SOCKETS = "no plugin shares its sockets among shards: load socket-default or socket-reuseport, or set charon.shards = 1";

/** What shards on threads of their own are made from. */
export interface ShardThreadsParts {
  readonly count: number;
  readonly shared: SharedMemory;
  readonly settings: Settings;
  readonly namespace: string;
  readonly pidDir: string;
  readonly values: CharonValues;
  /** Job slots that are not a shard's. */
  readonly permanent: number;
  readonly pluginFolders: readonly string[];
  readonly log: LogManager;
  readonly logTroubles: LogTroubles;
  readonly control: ControlPort;
  /** Where control's questions to the shards are timed. */
  readonly waits: WaitMeter;
  /** Of control's thread; is given the sockets that the shards share. */
  readonly container: Container;
  /** Has a shard that starts apply what the others know. */
  readonly initialize: (shard: ShardPort) => Promise<void>;
  /** A shard is gone, with all that was its. */
  readonly lost: (shard: number) => void;
}

/** Each shard on a worker thread. One that dies is replaced; the others do not notice. */
export class ShardThreads implements ShardSet {
  readonly locations = ["control"] as const;
  readonly core: CoreFeatures = { ready: () => undefined, receive: () => async () => undefined };
  readonly ports: (ShardPort & ThreadPort)[] = [];
  readonly #parts: ShardThreadsParts;
  readonly #threads: ShardThread[] = [];
  readonly #startedMs: number[] = [];
  /** Those that serve for the first time. */
  readonly #starting = new Set<number>();
  readonly #slots: readonly SlotShare[];
  /** Reserved job slots that no shard has room for. */
  readonly #dropped: number;
  readonly #shared: SharedMemory;
  readonly #steering: SteeringKey;
  readonly #sockets: SharedSocketHolder;
  #settings: Settings;
  #isStopping = false;
  #requests = 0;

  constructor(parts: ShardThreadsParts) {
    this.#parts = parts;
    this.#settings = parts.settings;
    const { count, values, permanent } = parts;
    // Those at work for good have what is reserved for critical jobs first.
    const [critical, ...others] = values.reservations;
    const reservations: PerPriority = [Math.max(0, critical - permanent), ...others];
    this.#slots = shareSlots(values.threads - permanent, reservations, count);
    this.#dropped = droppedReservations(reservations, this.#slots);
    this.#shared = parts.shared;
    const [word0, word1] = [randomBytes(4).readUInt32LE(), randomBytes(4).readUInt32LE()];
    this.#steering = { shards: count, word0: word0!, word1: word1! };
    this.#sockets = new SharedSocketHolder(this.#steering);
    provide(parts.container, SocketManager, this.#sockets);
    for (let index = 0; index < count; index++) this.#start(index);
    const { log } = parts;
    log.onDemand(() => {
      for (const port of this.ports) void port.setLogDemand(log.demand());
    });
  }

  /** @throws {ShardGoneError} when one dies again and again; {PluginError} CYG_PLUGIN_CRITICAL */
  async load(): Promise<void> {
    if (this.#dropped > 0) {
      const text = `${this.#dropped} of the threads reserved by charon.processor.priority_threads have no place beside one for each shard`;
      this.#parts.log.log(LogGroup.JOB, 1, `${text}: raise charon.threads or lower charon.shards`);
    }
    await Promise.all(this.#threads.map((_, index) => this.#loadFirst(index)));
  }

  async pluginReports(): Promise<readonly (readonly PluginReport[])[]> {
    const answers = await Promise.allSettled(this.ports.map((port) => port.plugins()));
    // One that is gone has none until another one has its place.
    return answers.map((answer) => (answer.status === "fulfilled" ? answer.value : []));
  }

  async reload(settings: Settings): Promise<void> {
    this.#settings = settings;
    await Promise.all(this.ports.map((port) => port.reload(settings.toData())));
  }

  get controlSlots(): ControlSlots {
    return { permanent: this.#parts.permanent, requests: this.#requests };
  }

  /** Requests are control's own work here: they hold up no shard's jobs, and count all the same. */
  occupy(): () => void {
    this.#requests++;
    let isThere = true;
    return () => {
      if (isThere) this.#requests--;
      isThere = false;
    };
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#threads.map((thread) => thread.end()));
    this.#sockets.close();
  }

  /** One that dies meanwhile is started again. */
  async #loadFirst(index: number): Promise<void> {
    this.#starting.add(index);
    for (let tries = 1; ; tries++) {
      try {
        await this.#load(index);
        break;
      } catch (error) {
        if (!(error instanceof ShardGoneError) || this.#isStopping) throw error;
        if (tries === FIRST_TRIES) throw new ShardGoneError(`shard ${index} died ${tries} times while it started`);
      }
      this.#start(index);
    }
    this.#starting.delete(index);
  }

  /** Has a thread that was started serve. */
  async #load(index: number): Promise<void> {
    const { initialize, log, waits } = this.#parts;
    const port = timedLink(this.#threads[index]!.port, waits);
    const { shared } = this.#sockets;
    if (!shared) throw new PluginError("CYG_PLUGIN_CRITICAL", "", NO_SOCKETS);
    const settings = this.#settings;
    await port.load(shared);
    // What it was not told meanwhile, and from now on the changes.
    this.ports[index] = port;
    await port.setLogDemand(log.demand());
    if (settings !== this.#settings) await port.reload(this.#settings.toData());
    await initialize(port);
    await port.receive();
  }

  #start(index: number): void {
    const { control, values, log, logTroubles } = this.#parts;
    const thread = new ShardThread(this.#dataFor(index), values.own.shard_heap, control, {
      log: {
        logged: (records) => unpackRecords(records, (record) => log.relay(record)),
        logTrouble: (shard, trouble) => logTroubles.report(shard, trouble),
      },
      died: (fault) => this.#replace(index, fault),
    });
    this.#threads[index] = thread;
    // Before its plugins are loaded it can take nothing. What waits for that is asked all the same.
    const { port } = thread;
    this.ports[index] = {
      ...GONE,
      ask: async (topic, request) => port.ask(topic, request),
      initiate: async (initiation, follow) => port.initiate(initiation, follow),
    };
    this.#startedMs[index] = performance.now();
  }

  #dataFor(index: number): ShardThreadData {
    const { count, namespace, pidDir, pluginFolders, log } = this.#parts;
    return {
      settings: this.#settings.toData(),
      namespace,
      pidDir,
      index,
      shards: count,
      ...this.#slots[index]!,
      slotsBefore: this.#slots.slice(0, index).reduce((sum, { slots }) => sum + slots, 0),
      pluginFolders,
      log: log.demand(),
      shared: this.#shared,
      steering: this.#steering,
    };
  }

  #replace(index: number, { reason, stack }: ThreadFault): void {
    const { log, logTroubles, lost } = this.#parts;
    this.ports[index] = GONE;
    logTroubles.threadGone(index);
    const counts = new DaemonCounts(this.#shared.counts, index);
    const { ownIkeSas } = counts;
    counts.clear();
    new IdentityPairs(this.#shared.pairs, index).clear();
    lost(index);
    if (this.#isStopping) return;
    const lived = performance.now() - this.#startedMs[index]!;
    log.log(LogGroup.DMN, 0, `shard ${index} died, ${ownIkeSas} IKE_SAs are lost: ${reason}`);
    if (stack !== undefined) log.log(LogGroup.DMN, 1, stack);
    if (this.#starting.has(index)) return;
    if (lived >= SHORT_LIFE_MS) void this.#startAnew(index);
    else setTimeout(() => void this.#startAnew(index), REPLACE_DELAY_MS).unref();
  }

  async #startAnew(index: number): Promise<void> {
    if (this.#isStopping) return;
    this.#start(index);
    const thread = this.#threads[index]!;
    try {
      await this.#load(index);
      this.#parts.log.log(LogGroup.DMN, 1, `shard ${index} is replaced`);
    } catch (error) {
      // One that died meanwhile is replaced for that.
      if (!(error instanceof ShardGoneError)) thread.abandon(`it could not be loaded: ${String(error)}`);
    }
  }
}
