import type { Clock } from "@cygnet/plugin-api";

/** A clock that can also be read exactly, for profiles and time budgets. */
export interface PreciseClock extends Clock {
  /**
   * Reads the real time into `nowMs` and `wallMs`, which then stand still until the next `tick` or the end of the running callback.
   * @returns milliseconds since the daemon started, with fractions
   */
  tick(): number;
  /** Milliseconds since the epoch with fractions, read now; in step with `wallMs`, never more than a millisecond away from it. */
  preciseWallMs(): number;
}

/**
 * The time of the machine, read at most once per callback unless somebody calls `tick`.
 *
 * The cached value expires at the end of the callback that read it, by itself: code that runs after a long idle time never arms a timer
 * against an old clock.
 */
export class SystemClock implements PreciseClock {
  #startMs = performance.now();
  #nowMs = 0;
  #wallMs = 0;
  #fresh = false;
  /** Distance from `performance.now()` to the epoch; corrected when the wall clock was set. */
  #wallOffset = 0;
  readonly #expire = (): void => {
    this.#fresh = false;
  };

  get nowMs(): number {
    if (!this.#fresh) this.tick();
    return this.#nowMs;
  }

  get wallMs(): number {
    if (!this.#fresh) this.tick();
    // Most callbacks never ask for the date, so it is read on demand.
    if (this.#wallMs === 0) this.#wallMs = Date.now();
    return this.#wallMs;
  }

  tick(): number {
    const precise = performance.now() - this.#startMs;
    this.#nowMs = Math.floor(precise);
    this.#wallMs = 0;
    if (!this.#fresh) {
      this.#fresh = true;
      process.nextTick(this.#expire);
    }
    return precise;
  }

  /** Goes on by a time that it has left out. */
  skip(ms: number): void {
    this.#startMs -= ms;
    this.#fresh = false;
  }

  preciseWallMs(): number {
    const wall = Date.now();
    const monotonic = performance.now();
    const precise = monotonic + this.#wallOffset;
    if (precise >= wall && precise < wall + 1) return precise;
    this.#wallOffset = wall - monotonic;
    return wall;
  }
}
