import type { MaybePromise, ProcessorStatus } from "./job.js";
import type { SocketStatus } from "./socket.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** How long things of one kind took. Plain data. */
export interface TimeProfile {
  readonly count: number;
  readonly totalUs: number;
  readonly maxUs: number;
  /** Counts per bucket of `core/runtime`'s histograms, without the empty ones at the end. */
  readonly histogram: readonly number[];
}

/** The same of things that go on for a while; those that have not ended are in no other figure. */
export interface SpanProfile extends TimeProfile {
  readonly pending: number;
  /** What the pending ones took so far, together. */
  readonly pendingUs: number;
}

/** What was measured of one job type. */
export interface JobTypeProfile {
  readonly name: string;
  /** Jobs that ended, and those of them that threw or rejected. */
  readonly count: number;
  readonly failed: number;
  /** From queueing to start. */
  readonly wait: TimeProfile;
  /** What it kept the thread, until it ended or began to wait for something. */
  readonly run: TimeProfile;
  /** From start to end of those that waited for something meanwhile, with their job slot. */
  readonly held: SpanProfile;
}

/** Answers that were waited for: of the kernel, of control, of peers, of whatever a plugin asks. Those that came at once are not counted. */
export interface WaitProfile {
  /** Whose answers: `kernel`, `control`, `link`, `peer`, or a plugin. */
  readonly on: string;
  readonly name: string;
  readonly failed: number;
  readonly time: SpanProfile;
}

/** What code of one plugin kept the thread on one occasion. */
export interface PluginTimeProfile {
  readonly plugin: string;
  /** `register`, `unregister`, `reload`, `control socket`, or `job NAME` for its jobs and timers. */
  readonly what: string;
  readonly run: TimeProfile;
}

/** One thread and its event loop. */
export interface ThreadProfile {
  /** As Node.js numbers them, 0 for the main thread. */
  readonly thread: number;
  readonly elapsedMs: number;
  /** Not waiting for events. */
  readonly busyMs: number;
  /** Time in which it was busy practically without a break, for a second or longer. */
  readonly saturatedMs: number;
  readonly gc: TimeProfile;
  /** Listeners and what is asked while an IKE_SA waits are not in it: waits for plugins are in `WaitProfile`. */
  readonly plugins: readonly PluginTimeProfile[];
}

/** One kernel socket, and the longest queue that was seen. */
export interface SocketProfile extends SocketStatus {
  readonly peakQueuedBytes: number;
}

/** Requests to peers that were not answered. */
export interface RetransmissionProfile {
  readonly sent: number;
  /** Peers that were given up. */
  readonly givenUp: number;
}

/** What one shard measured. */
export interface ShardProfile {
  readonly shard: number;
  readonly thread: ThreadProfile;
  readonly processor: ProcessorStatus;
  /** Times in which jobs were queued but no slot was free for any of them. */
  readonly starved: SpanProfile;
  readonly jobs: readonly JobTypeProfile[];
  readonly waits: readonly WaitProfile[];
  readonly sockets: readonly SocketProfile[];
  readonly retransmissions: RetransmissionProfile;
}

/** The machine and the process. */
export interface HostProfile {
  readonly onlineCpus: number;
  /** Those that the affinity mask allows. */
  readonly usableCpus: number;
  /** CPU time of all online CPUs since the machine started, used and altogether. */
  readonly machineBusyMs: number;
  readonly machineMs: number;
  /** CPU time of this process, of all its threads. */
  readonly processMs: number;
}

/** What the whole daemon measured since it started, or between two profiles. Plain data. */
export interface DaemonProfile {
  readonly elapsedMs: number;
  readonly host: HostProfile;
  readonly control: { readonly thread: ThreadProfile; readonly waits: readonly WaitProfile[] };
  /** Of those that answered; `shardCount` is how many there are. */
  readonly shards: readonly ShardProfile[];
  readonly shardCount: number;
}

/** Where features record how long they wait for others, on control and on each shard. */
export interface WaitMeter {
  /**
   * Measures until `result` settles, if it is a promise.
   * @param on whose answer, the plugin's name for instance
   * @param name what was asked; one of a few
   * @returns `result`
   */
  measure<R extends MaybePromise<unknown>>(on: string, name: string, result: R): R;
}

export const WaitMeter: ServiceToken<WaitMeter> = serviceToken("WaitMeter");
