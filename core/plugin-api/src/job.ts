import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** strongSwan's four job classes, highest first. */
export enum JobPriority {
  CRITICAL = 0,
  HIGH = 1,
  MEDIUM = 2,
  LOW = 3,
}

/** A value, or a promise of one where something really had to be waited for. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * What becomes of a job after it ran: nothing (undefined), back to the tail of its queue (`fair`), again at once in the slot it has, taking
 * turns with the others (`direct`), or again after a delay in milliseconds.
 */
export type JobRequeue = undefined | void | "fair" | "direct" | { readonly afterMs: number };

/**
 * A piece of work. `execute` is synchronous unless it must wait for something; while its promise is pending the job keeps its job slot,
 * and nothing else waits for it. A throw or rejection is logged with the job's name and counted, never fatal.
 */
export interface Job {
  /** The job type as the profile lists it, for example `process-message`. */
  readonly name: string;
  readonly priority: JobPriority;
  execute(): MaybePromise<JobRequeue>;
  /** Asks a job whose promise is pending to settle soon; called once, at shutdown. */
  cancel?(): void;
}

/** Queue lengths or working counts per class. */
export type PerPriority = readonly [critical: number, high: number, medium: number, low: number];

/** A snapshot of the job processor, as `statusall` prints it. */
export interface ProcessorStatus {
  readonly total: number;
  readonly idle: number;
  readonly working: PerPriority;
  readonly queued: PerPriority;
  readonly scheduled: number;
}

/** The job processor of a shard. */
export interface Processor {
  /** Appends a job to the queue of its class. */
  queue(job: Job): void;
  /** Has a job run before the others of its class where a slot is idle, and otherwise within this call, without a slot. Runs once. */
  execute(job: Job): void;
  /**
   * Takes a slot for an activity that is no job here but has a thread in strongSwan, as a request on a control socket. None where jobs of all
   * classes need those that are free: what it waits for could not run. Turns are shorter until it is given back.
   * @returns what gives it back, at most once
   */
  occupySpare(priority: JobPriority): () => void;
  /** All queued jobs, the figure that `init_limit_job_load` is compared with. */
  readonly load: number;
  /** Queued jobs of a class. */
  queued(priority: JobPriority): number;
  status(): ProcessorStatus;
}

/** Names an armed timer; never 0. Valid until the timer fires or is cancelled. */
export type TimerId = number;

/** The timers of a shard: a due job is queued under its own priority. */
export interface Scheduler {
  /** @param delayMs from now, 0 .. 2^31-1; resolution is 10 ms or better, never early */
  schedule(job: Job, delayMs: number): TimerId;
  /** @returns whether the timer was still armed; 0 and stale ids are answered with false */
  cancel(id: TimerId): boolean;
  readonly pending: number;
}

/** Time as the daemon sees it; tests drive a virtual one. */
export interface Clock {
  /** Monotonic milliseconds since the daemon started; read once per job or callback, so equal within one. */
  readonly nowMs: number;
  /** Milliseconds since the epoch. */
  readonly wallMs: number;
}

export const Processor: ServiceToken<Processor> = serviceToken("Processor");
export const Scheduler: ServiceToken<Scheduler> = serviceToken("Scheduler");
export const Clock: ServiceToken<Clock> = serviceToken("Clock");
