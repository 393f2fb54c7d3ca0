import { uptime } from "node:os";
import type { SystemClock } from "./clock.js";
import type { Timer, TimerSource } from "./timer-source.js";

const INTERVAL_MS = 5_000;
/** The time since boot is told in steps of 10 ms, and read a moment after the clock. */
const SUSPENDED_MS = 1_000;

/** What a `SuspensionWatch` works with. */
export interface SuspensionWatchParts {
  readonly clock: Pick<SystemClock, "skip">;
  readonly timers: TimerSource;
  /** Time since boot, and the same without what the machine was suspended for. */
  readonly bootMs?: () => number;
  readonly monotonicMs?: () => number;
}

/**
 * Has a thread's clock go on by the time that the machine was suspended for. The monotonic clock leaves that out; peers, and the lifetimes of SAs in
 * the kernel, do not.
 */
export class SuspensionWatch {
  readonly #parts: Required<SuspensionWatchParts>;
  readonly #timer: Timer;
  readonly #listeners: ((suspendedMs: number) => void)[] = [];
  #offsetMs: number;

  constructor(parts: SuspensionWatchParts) {
    this.#parts = { bootMs: () => uptime() * 1000, monotonicMs: () => performance.now(), ...parts };
    this.#timer = parts.timers.timer(() => {
      this.#timer.arm(INTERVAL_MS);
      this.look();
    });
    this.#offsetMs = this.#offset;
  }

  start(): void {
    this.#timer.arm(INTERVAL_MS);
  }

  stop(): void {
    this.#timer.disarm();
  }

  /** Calls back after the clock has gone on. */
  onResume(listener: (suspendedMs: number) => void): void {
    this.#listeners.push(listener);
  }

  /** Looks now; it does so by itself every few seconds. */
  look(): void {
    const suspendedMs = this.#offset - this.#offsetMs;
    if (suspendedMs < SUSPENDED_MS) return;
    this.#offsetMs += suspendedMs;
    this.#parts.clock.skip(suspendedMs);
    for (const listener of this.#listeners) listener(suspendedMs);
  }

  get #offset(): number {
    return this.#parts.bootMs() - this.#parts.monotonicMs();
  }
}
