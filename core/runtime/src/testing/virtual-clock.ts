import type { PreciseClock } from "../clock.js";
import type { Timer, TimerSource } from "../timer-source.js";

interface VirtualTimer extends Timer {
  readonly callback: () => void;
  dueMs: number;
  /** Arming order, so that timers due at the same time fire in that order. */
  turn: number;
}

/**
 * Time that only moves when a test says so, and timers that live on it.
 *
 * It starts at 0 ms, and at `wallStartMs` (by default 2026-01-01T00:00:00Z) of the calendar.
 */
export class VirtualClock implements PreciseClock, TimerSource {
  #nowMs = 0;
  #wallOffsetMs: number;
  #turns = 0;
  readonly #armed = new Set<VirtualTimer>();

  constructor(wallStartMs: number = Date.UTC(2026, 0, 1)) {
    this.#wallOffsetMs = wallStartMs;
  }

  get nowMs(): number {
    return Math.floor(this.#nowMs);
  }

  get wallMs(): number {
    return Math.floor(this.#nowMs + this.#wallOffsetMs);
  }

  /** Timers that are armed; 0 when a component left none behind. */
  get armedTimers(): number {
    return this.#armed.size;
  }

  tick(): number {
    return this.#nowMs;
  }

  preciseWallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  /** Sets the calendar without moving the monotonic time, as an administrator or NTP does. */
  setWall(wallMs: number): void {
    this.#wallOffsetMs = wallMs - this.#nowMs;
  }

  /** Moves the time without firing anything, as work inside a callback or a suspended machine does. */
  skip(ms: number): void {
    this.#nowMs += ms;
  }

  /** Moves the time and fires what becomes due, in order, each at its time. */
  advance(ms: number): void {
    const end = this.#nowMs + ms;
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      this.#armed.delete(timer);
      timer.callback();
    }
    this.#nowMs = Math.max(this.#nowMs, end);
  }

  timer(callback: () => void): Timer {
    const timer: VirtualTimer = {
      callback,
      dueMs: 0,
      turn: 0,
      arm: (delayMs) => {
        timer.dueMs = this.#nowMs + Math.max(0, delayMs);
        timer.turn = ++this.#turns;
        this.#armed.add(timer);
      },
      disarm: () => void this.#armed.delete(timer),
    };
    return timer;
  }

  #next(endMs: number): VirtualTimer | undefined {
    let first: VirtualTimer | undefined;
    for (const timer of this.#armed) {
      if (timer.dueMs > endMs) continue;
      if (!first || timer.dueMs < first.dueMs || (timer.dueMs === first.dueMs && timer.turn < first.turn)) first = timer;
    }
    return first;
  }
}
