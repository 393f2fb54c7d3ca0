import { CygnetError } from "@cygnet/plugin-api";
import type { Clock, Job, Scheduler, TimerId } from "@cygnet/plugin-api";
import type { PreciseClock } from "../clock.js";
import type { Timer, TimerSource } from "../timer-source.js";
import { MAX_WHEEL_TICKS, TimerWheel } from "./timer-wheel.js";

/** Length of a tick: a timer fires at most this much, plus what the event loop adds, after its time, and never before it. */
export const TICK_MS = 4;
/** Timers a shard can hold: the lower bits of a TimerId. Four for each of a million IKE_SAs. */
const MAX_TIMERS = 2 ** 22;
/** Generations of one slot before its ids start over; keeps ids exact integers below 2^53. */
const MAX_GENERATION = 2 ** 31 - 1;
const FIRST_CAPACITY = 1024;

/** What the scheduler hands due jobs to. */
export interface JobSink {
  queue(job: Job): void;
  /** Called after the last due job of a wake-up was queued. */
  run(): void;
}

/** Makes the jobs of timers that wait as numbers, when they are due. */
export interface DueJobs {
  /** @param kind 1 .. 255, @param subject an unsigned 32 bit number; both as they were given to `scheduleFor` */
  jobFor(kind: number, subject: number): Job;
}

/** What a `WheelScheduler` works with. */
export interface SchedulerOptions {
  readonly clock: Clock & Pick<PreciseClock, "tick">;
  readonly timers: TimerSource;
  readonly processor: JobSink;
}

/**
 * The timers of a shard: a timer wheel driven by a single timer of the event loop, which does not keep the process alive.
 *
 * What is scheduled is a job or, where there may be very many, two numbers that a job is made of once it is due: 30 octets in typed arrays.
 *
 * A `TimerId` carries a generation, so the id of a timer that fired never cancels a later one. Delays of any length are possible. After
 * the machine slept, or the clock jumped ahead, everything overdue is queued at once, by due time.
 */
export class WheelScheduler implements Scheduler {
  readonly #clock: SchedulerOptions["clock"];
  readonly #processor: JobSink;
  readonly #timer: Timer;
  readonly #wheel = new TimerWheel(FIRST_CAPACITY);
  /** A job, or who makes it of the numbers in `#kinds` and `#subjects`. */
  readonly #jobs: (Job | DueJobs | undefined)[] = Array.from<Job | undefined>({ length: FIRST_CAPACITY });
  /** 0 where the job itself is scheduled. */
  #kinds = new Uint8Array(FIRST_CAPACITY);
  #subjects = new Uint32Array(FIRST_CAPACITY);
  /** Due tick of those that wait longer than the wheel spans. */
  readonly #far = new Map<number, number>();
  #generations = new Uint32Array(FIRST_CAPACITY).fill(1);
  /** Slots given back, oldest first: as long as possible before a slot is used again. */
  #freed = new Int32Array(FIRST_CAPACITY);
  #freedHead = 0;
  #freedCount = 0;
  /** Slots never used yet start here. */
  #unused = 0;
  #pending = 0;
  /** Tick that the event loop's timer is armed for. */
  #wakeTick = Infinity;
  readonly #expired = (slot: number): void => this.#expire(slot);

  constructor({ clock, timers, processor }: SchedulerOptions) {
    this.#clock = clock;
    this.#processor = processor;
    this.#timer = timers.timer(() => this.#wake());
  }

  get pending(): number {
    return this.#pending;
  }

  /** @throws {CygnetError} CYG_TIMER_LIMIT when `MAX_TIMERS` are pending */
  schedule(job: Job, delayMs: number): TimerId {
    const slot = this.#takeSlot();
    this.#jobs[slot] = job;
    this.#kinds[slot] = 0;
    return this.#begin(slot, delayMs);
  }

  /**
   * Schedules a job that does not exist before it is due.
   * @param kind what is to be done, 1 .. 255
   * @param subject with what, an unsigned 32 bit number
   * @throws {CygnetError} CYG_TIMER_LIMIT
   */
  scheduleFor(jobs: DueJobs, kind: number, subject: number, delayMs: number): TimerId {
    const slot = this.#takeSlot();
    this.#jobs[slot] = jobs;
    this.#kinds[slot] = kind;
    this.#subjects[slot] = subject;
    return this.#begin(slot, delayMs);
  }

  #begin(slot: number, delayMs: number): TimerId {
    this.#pending++;
    const due = Math.ceil((this.#clock.nowMs + Math.max(0, delayMs)) / TICK_MS);
    const ticks = this.#arm(slot, due);
    const tick = this.#wheel.elapsedTicks + ticks;
    if (tick < this.#wakeTick) this.#armFor(tick);
    return this.#generations[slot] * MAX_TIMERS + slot;
  }

  cancel(id: TimerId): boolean {
    const generation = Math.floor(id / MAX_TIMERS);
    const slot = id - generation * MAX_TIMERS;
    if (this.#generations[slot] !== generation || this.#jobs[slot] === undefined) return false;
    this.#wheel.disarm(slot);
    this.#giveBack(slot);
    return true;
  }

  /** Forgets all timers and disarms the event loop's. Their ids are stale afterwards. */
  close(): void {
    for (let slot = 0; slot < this.#unused; slot++) {
      if (this.#jobs[slot] === undefined) continue;
      this.#wheel.disarm(slot);
      this.#giveBack(slot);
    }
    this.#timer.disarm();
    this.#wakeTick = Infinity;
  }

  /** Queues what is overdue since the clock went on by itself. */
  catchUp(): void {
    this.#wake();
  }

  #wake(): void {
    this.#wakeTick = Infinity;
    this.#clock.tick();
    const behind = Math.floor(this.#clock.nowMs / TICK_MS) - this.#wheel.elapsedTicks;
    if (behind > 0) this.#wheel.advance(behind, this.#expired);
    const next = this.#wheel.ticksToWork();
    if (next !== Infinity) this.#armFor(this.#wheel.elapsedTicks + next);
    this.#processor.run();
  }

  #armFor(tick: number): void {
    this.#wakeTick = tick;
    this.#timer.arm(tick * TICK_MS - this.#clock.nowMs);
  }

  #arm(slot: number, dueTick: number): number {
    let ticks = Math.max(1, dueTick - this.#wheel.elapsedTicks);
    if (ticks > MAX_WHEEL_TICKS) {
      ticks = MAX_WHEEL_TICKS;
      this.#far.set(slot, dueTick);
    }
    this.#wheel.arm(slot, ticks);
    return ticks;
  }

  #expire(slot: number): void {
    if (this.#far.size > 0) {
      const due = this.#far.get(slot);
      this.#far.delete(slot);
      if (due !== undefined && due > this.#wheel.elapsedTicks) {
        this.#arm(slot, due);
        return;
      }
    }
    const waiting = this.#jobs[slot];
    const kind = this.#kinds[slot];
    this.#giveBack(slot);
    if (waiting === undefined) return;
    this.#processor.queue(kind === 0 ? (waiting as Job) : (waiting as DueJobs).jobFor(kind, this.#subjects[slot]));
  }

  #takeSlot(): number {
    if (this.#unused < this.#wheel.capacity) return this.#unused++;
    if (this.#freedCount > 0) {
      const slot = this.#freed[this.#freedHead];
      this.#freedHead = (this.#freedHead + 1) % this.#freed.length;
      this.#freedCount--;
      return slot;
    }
    this.#grow();
    return this.#unused++;
  }

  #giveBack(slot: number): void {
    this.#jobs[slot] = undefined;
    if (this.#far.size > 0) this.#far.delete(slot);
    this.#generations[slot] = this.#generations[slot] === MAX_GENERATION ? 1 : this.#generations[slot] + 1;
    this.#freed[(this.#freedHead + this.#freedCount) % this.#freed.length] = slot;
    this.#freedCount++;
    this.#pending--;
  }

  /** Only called when no slot is free, so the ring of freed ones is empty. */
  #grow(): void {
    const capacity = this.#wheel.capacity * 2;
    if (capacity > MAX_TIMERS) throw new CygnetError("CYG_TIMER_LIMIT", `more than ${MAX_TIMERS} timers are pending`);
    this.#wheel.grow(capacity);
    for (let slot = this.#jobs.length; slot < capacity; slot++) this.#jobs.push(undefined);
    const generations = new Uint32Array(capacity).fill(1);
    generations.set(this.#generations);
    this.#generations = generations;
    const kinds = new Uint8Array(capacity);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
    const subjects = new Uint32Array(capacity);
    subjects.set(this.#subjects);
    this.#subjects = subjects;
    this.#freed = new Int32Array(capacity);
    this.#freedHead = 0;
  }
}
