import { LogGroup } from "@cygnet/plugin-api";
import type { Clock, Logger } from "@cygnet/plugin-api";
import type { SuspensionWatch, Timer, TimerSource } from "@cygnet/runtime";

const INTERVAL_MS = 10_000;
/** Less than this is corrected all the time. */
const SET_MS = 2_000;

/** What a `ClockWatch` works with. */
export interface ClockWatchParts {
  readonly clock: Clock;
  readonly timers: TimerSource;
  readonly log: Logger;
  readonly suspension: Pick<SuspensionWatch, "look" | "onResume">;
}

/**
 * Tells in the log that the system's clock was set: the times of lines before and after do not fit together. Timers do not follow it. Also that the machine
 * was suspended, which timers do follow.
 */
export class ClockWatch {
  readonly #parts: ClockWatchParts;
  readonly #timer: Timer;
  #offsetMs: number;

  constructor(parts: ClockWatchParts) {
    this.#parts = parts;
    this.#timer = parts.timers.timer(() => this.#look());
    this.#offsetMs = this.#offset;
    this.#timer.arm(INTERVAL_MS);
    parts.suspension.onResume((ms) => {
      parts.log.log(
        LogGroup.DMN,
        1,
        `the machine was suspended for ${Math.round(ms / 1000)} s, timers go on as if it had not been`,
      );
    });
  }

  stop(): void {
    this.#timer.disarm();
  }

  get #offset(): number {
    const { clock } = this.#parts;
    return clock.wallMs - clock.nowMs;
  }

  #look(): void {
    this.#parts.suspension.look();
    const offsetMs = this.#offset;
    const movedMs = offsetMs - this.#offsetMs;
    this.#offsetMs = offsetMs;
    this.#timer.arm(INTERVAL_MS);
    if (Math.abs(movedMs) < SET_MS) return;
    const seconds = Math.round(Math.abs(movedMs) / 1000);
    const direction = movedMs > 0 ? "ahead" : "back";
    this.#parts.log.log(LogGroup.DMN, 1, `the system clock was set ${direction} by ${seconds} s, timers go on without it`);
  }
}
