import { CygnetError, InternalError, LogGroup } from "@cygnet/plugin-api";
import type {
  Job,
  JobPriority,
  JobRequeue,
  JobTypeProfile,
  Logger,
  PerPriority,
  Processor,
  ProcessorStatus,
  Scheduler,
  SpanProfile,
} from "@cygnet/plugin-api";
import type { PreciseClock } from "../clock.js";
import type { TimerSource } from "../timer-source.js";
import { JobProfile } from "./job-profile.js";
import { JobQueue } from "./job-queue.js";
import { PRIORITIES, PRIORITY_NAMES, nextClass, priorityClass } from "./reservations.js";
import type { Delay } from "./reservations.js";
import { RunningJobs } from "./running-jobs.js";
import { SpanTable } from "../profile/time-table.js";

/** How long jobs run before the event loop gets a chance to read sockets, in milliseconds. */
const TURN_BUDGET_MS = 2;

/** The same while a request on a control socket is served, which takes several turns. */
const SHORT_BUDGET_MS = 0.5;

/** The log as the processor uses it: it says which job slot is at work, for the `TT` of log lines. */
export interface JobLog extends Logger {
  enterJob(slot: number): void;
  /** Also forgets the IKE_SA that the job set. */
  leaveJob(): void;
}

/** What a `JobProcessor` is made of. */
export interface ProcessorOptions {
  readonly log: JobLog;
  readonly clock: PreciseClock;
  readonly timers: TimerSource;
  /** Job slots: `charon.threads`, or this shard's part of them. At least 1. */
  readonly slots: number;
  /** `charon.processor.priority_threads` per class. */
  readonly reservations?: PerPriority;
  /** How to come back after the event loop did other things; `setImmediate` by default. */
  readonly defer?: (callback: () => void) => void;
  readonly turnBudgetMs?: number;
}

/** A job in its slot. */
interface SlotJob {
  readonly job: Job;
  readonly priority: number;
  /** As the profile numbers it. */
  readonly type: number;
  readonly slot: number;
}

/** What `drain` found. */
export interface DrainResult {
  /** Queued jobs that were dropped. */
  readonly cancelled: number;
  /** Names of the jobs that did not end in time. */
  readonly abandoned: readonly string[];
}

/**
 * Runs the jobs of a shard, highest class first, within its job slots and reservations.
 *
 * A synchronous job runs to its end in the calling turn; one that returns a promise keeps its slot until that settles, without holding
 * up others. A turn ends when nothing may run any more or its time is up; then the hooks run (sockets and logs are flushed) and, if work
 * is left, the processor comes back after the event loop polled.
 */
export class JobProcessor implements Processor {
  readonly #log: JobLog;
  readonly #clock: PreciseClock;
  readonly #timers: TimerSource;
  readonly #slots: number;
  readonly #reservations: Int32Array;
  readonly #defer: (callback: () => void) => void;
  readonly #turnBudgetMs: number;
  readonly #queues: readonly JobQueue[] = Array.from({ length: PRIORITIES }, () => new JobQueue());
  readonly #queued = new Int32Array(PRIORITIES);
  readonly #working = new Int32Array(PRIORITIES);
  readonly #running = new RunningJobs();
  /** Jobs that asked to go on at once. They hold their slots. */
  readonly #direct: SlotJob[] = [];
  readonly #profile = new JobProfile();
  readonly #starved = new SpanTable(1);
  /** Since when jobs are queued and none of them may run, -1 while that is not so. */
  #starvedSince = -1;
  readonly #delay: Delay = { priority: -1, idle: 0, reserved: 0 };
  readonly #resume = (): void => {
    this.#deferred = false;
    this.run();
  };
  #turnEnd: readonly (() => void)[] = [];
  #scheduler: Scheduler | undefined;
  #load = 0;
  /** Activities that are no jobs here and share the event loop with them. */
  #guests = 0;
  #failures = 0;
  #now = 0;
  #inTurn = false;
  #deferred = false;
  #closed = false;

  constructor(options: ProcessorOptions) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#timers = options.timers;
    this.#slots = Math.max(1, options.slots);
    this.#reservations = Int32Array.from(options.reservations ?? [0, 0, 0, 0]);
    this.#defer = options.defer ?? ((callback) => void setImmediate(callback));
    this.#turnBudgetMs = options.turnBudgetMs ?? TURN_BUDGET_MS;
  }

  /** The scheduler that delayed requeues go to, and whose timers `status` counts. */
  useScheduler(scheduler: Scheduler): void {
    this.#scheduler = scheduler;
  }

  get load(): number {
    return this.#load;
  }

  queued(priority: JobPriority): number {
    return this.#queued[priorityClass(priority)];
  }

  /** Jobs that threw or rejected since the start. */
  get failures(): number {
    return this.#failures;
  }

  /** Appends a job; it runs with the next `run`, which comes by itself at the latest after the running callback. Dropped after `drain`. */
  queue(job: Job): void {
    if (this.#closed) return;
    const priority = priorityClass(job.priority);
    this.#queues[priority].add(job, this.#inTurn ? this.#now : this.#clock.tick());
    this.#queued[priority]++;
    this.#load++;
    if (!this.#inTurn) this.#runLater();
  }

  execute(job: Job): void {
    if (this.#closed) return;
    if (this.#idle === 0) return this.#executeHere(job);
    const priority = priorityClass(job.priority);
    this.#queues[priority].addFirst(job, this.#inTurn ? this.#now : this.#clock.tick());
    this.#queued[priority]++;
    this.#load++;
    if (!this.#inTurn) this.#runLater();
  }

  get #idle(): number {
    const [critical, high, medium, low] = perPriority(this.#working);
    return Math.max(0, this.#slots - critical - high - medium - low);
  }

  status(): ProcessorStatus {
    return {
      total: this.#slots,
      idle: this.#idle,
      working: perPriority(this.#working),
      queued: perPriority(this.#queued),
      scheduled: this.#scheduler?.pending ?? 0,
    };
  }

  /** What each job type cost so far. */
  profile(): JobTypeProfile[] {
    return this.#profile.snapshot(this.#clock.tick());
  }

  /** The times in which jobs were queued, but no slot was free for any of them. */
  starved(): SpanProfile {
    return this.#starved.profile(0, this.#clock.tick());
  }

  resetProfile(): void {
    this.#profile.reset();
    this.#starved.reset();
  }

  /** Calls `hook` at the end of each turn, in order of registration. @returns the undo */
  onTurnEnd(hook: () => void): () => void {
    const own = (): void => hook();
    this.#turnEnd = [...this.#turnEnd, own];
    return () => {
      this.#turnEnd = this.#turnEnd.filter((other) => other !== own);
    };
  }

  /**
   * Takes a slot for an activity that never ends (receiver, sender, scheduler), which strongSwan gives a thread each.
   * @returns what gives it back, at most once
   */
  occupy(priority: JobPriority): () => void {
    const kind = priorityClass(priority);
    const slot = this.#running.takeSlot();
    this.#working[kind]++;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#free(slot, kind);
    };
  }

  occupySpare(priority: JobPriority): () => void {
    const reserved = this.#reservations.reduce((sum, count, kind) => sum + Math.max(0, count - this.#working[kind]), 0);
    const giveBack = this.#idle - reserved > 1 ? this.occupy(priority) : () => undefined;
    const leave = this.shortenTurns();
    return () => {
      leave();
      giveBack();
    };
  }

  /** Has turns be short while something else on the thread, which takes several turns, is waited for. @returns the undo */
  shortenTurns(): () => void {
    this.#guests++;
    let isThere = true;
    return () => {
      if (isThere) this.#guests--;
      isThere = false;
    };
  }

  /** Runs what may run, for a bounded time; inside a job it does nothing, as the turn goes on anyway. */
  run(): void {
    if (this.#inTurn) return;
    this.#inTurn = true;
    this.#now = this.#clock.tick();
    const end = this.#now + (this.#guests > 0 ? Math.min(SHORT_BUDGET_MS, this.#turnBudgetMs) : this.#turnBudgetMs);
    let left = false;
    while (!left) {
      const hasDirect = this.#direct.length > 0;
      if (hasDirect) this.#runJob(this.#direct.shift()!);
      const priority = this.#load > 0 ? this.#next() : -1;
      if (priority >= 0) this.#runJob(this.#take(priority));
      else if (!hasDirect) break;
      left = this.#now >= end;
    }
    if (!left && this.#load > 0 && this.#starvedSince < 0) this.#beginStarving();
    left &&= this.#load > 0 || this.#direct.length > 0;
    this.#inTurn = false;
    for (const hook of this.#turnEnd) this.#runHook(hook);
    if (left) this.#runLater();
  }

  /**
   * Ends the processor: drops what is queued, asks running jobs to end (`Job.cancel`) and waits for them for at most `boundMs`.
   * Afterwards queued jobs are dropped at once.
   */
  async drain(boundMs: number): Promise<DrainResult> {
    this.#closed = true;
    let cancelled = 0;
    for (const queue of this.#queues) cancelled += queue.clear();
    for (const { slot, priority } of this.#direct.splice(0)) this.#free(slot, priority);
    this.#queued.fill(0);
    this.#load = 0;
    if (this.#starvedSince >= 0) this.#endStarving(this.#clock.tick());
    for (const job of this.#running.jobs()) this.#cancel(job);
    const abandoned = await this.#running.settled(boundMs, this.#timers);
    return { cancelled, abandoned: abandoned.map((job) => job.name) };
  }

  #next(): number {
    const delay = this.#delay;
    delay.priority = -1;
    const priority = nextClass(this.#slots, this.#working, this.#queued, this.#reservations, delay);
    if (delay.priority >= 0 && this.#log.enabled(LogGroup.JOB, 2)) {
      const { idle, reserved } = delay;
      const text = `${PRIORITY_NAMES[delay.priority]} priority jobs: ${idle} threads idle, but ${reserved} reserved for higher priorities`;
      this.#log.log(LogGroup.JOB, 2, `delaying ${text}`);
    }
    return priority;
  }

  #beginStarving(): void {
    this.#starvedSince = this.#now;
    this.#starved.begin(0, this.#now);
  }

  #endStarving(nowMs: number): void {
    this.#starved.end(0, this.#starvedSince, nowMs);
    this.#starvedSince = -1;
  }

  /** The next job of a class, in a slot. */
  #take(priority: number): SlotJob {
    const queue = this.#queues[priority];
    const job = queue.take();
    this.#queued[priority]--;
    this.#load--;
    if (this.#starvedSince >= 0) this.#endStarving(this.#now);
    const type = this.#profile.type(job.name);
    this.#profile.waited(type, this.#now - queue.takenTime);
    const slot = this.#running.takeSlot();
    this.#working[priority]++;
    return { job, priority, type, slot };
  }

  #runJob(run: SlotJob): void {
    const { job, slot } = run;
    const started = this.#now;
    this.#log.enterJob(slot);
    let requeue: JobRequeue;
    let failed = false;
    try {
      const result = job.execute();
      if (isPromise(result)) {
        this.#running.add(slot, job);
        this.#profile.holds(run.type, started);
        void this.#await(result, run, started);
        this.#log.leaveJob();
        this.#now = this.#clock.tick();
        this.#profile.ran(run.type, this.#now - started);
        return;
      }
      requeue = result;
    } catch (error) {
      failed = true;
      this.#failed(job, error);
    }
    this.#log.leaveJob();
    this.#now = this.#clock.tick();
    this.#profile.ran(run.type, this.#now - started);
    this.#profile.ended(run.type, failed);
    this.#ended(run, requeue);
  }

  async #await(result: Promise<JobRequeue>, run: SlotJob, started: number): Promise<void> {
    const { job, slot } = run;
    let requeue: JobRequeue;
    let failed = false;
    try {
      requeue = await result;
    } catch (error) {
      failed = true;
      this.#log.enterJob(slot);
      this.#failed(job, error);
      this.#log.leaveJob();
    }
    this.#profile.released(run.type, started, this.#clock.tick());
    this.#profile.ended(run.type, failed);
    this.#ended(run, requeue);
    this.#running.remove(slot);
    // What it did since it waited is to have an end of a turn, too: datagrams leave then.
    if (!this.#inTurn) this.#runLater();
  }

  /** Without a slot, as nothing may wait for it. */
  #executeHere(job: Job): void {
    const failed = (error: unknown): void => this.#failed(job, error);
    try {
      const result = job.execute();
      if (isPromise(result)) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  #ended(run: SlotJob, requeue: JobRequeue): void {
    if (requeue === "direct" && !this.#closed) {
      this.#direct.push(run);
      return;
    }
    this.#free(run.slot, run.priority);
    if (requeue !== undefined) this.#requeue(run.job, requeue);
  }

  #free(slot: number, priority: number): void {
    this.#working[priority]--;
    this.#running.giveSlot(slot);
    if (this.#load > 0 && !this.#inTurn) this.#runLater();
  }

  #requeue(job: Job, requeue: JobRequeue): void {
    if (requeue === "fair") this.queue(job);
    else if (typeof requeue === "object" && !this.#closed) this.#delayed(job, requeue.afterMs);
  }

  #delayed(job: Job, afterMs: number): void {
    try {
      if (!this.#scheduler) throw new InternalError("it asks for a delay, but there is no scheduler");
      this.#scheduler.schedule(job, afterMs);
    } catch (error) {
      this.#failed(job, error);
    }
  }

  #runLater(): void {
    if (this.#deferred) return;
    this.#deferred = true;
    this.#defer(this.#resume);
  }

  #runHook(hook: () => void): void {
    try {
      hook();
    } catch (error) {
      this.#log.log(LogGroup.JOB, 1, `hook at the end of a turn failed: ${errorText(error)}`);
    }
  }

  #cancel(job: Job): void {
    try {
      job.cancel?.();
    } catch (error) {
      this.#failed(job, error);
    }
  }

  #failed(job: Job, error: unknown): void {
    this.#failures++;
    this.#log.log(LogGroup.JOB, 1, `job '${job.name}' failed: ${errorText(error)}`);
    // A typed error says all there is to say; anything else is a mistake of ours, whose place is wanted.
    const isOurs = !(error instanceof CygnetError) || error instanceof InternalError;
    if (isOurs && error instanceof Error && error.stack !== undefined) this.#log.log(LogGroup.JOB, 1, error.stack);
  }
}

function perPriority(counts: Int32Array): PerPriority {
  return [counts[0], counts[1], counts[2], counts[3]];
}

function isPromise(result: unknown): result is Promise<JobRequeue> {
  return typeof result === "object" && result !== null && typeof (result as { then?: unknown }).then === "function";
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
