import type { Clock } from "@cygnet/plugin-api";

/** Wall clock and monotonic one moved apart by more than this: the former was set. Less is corrected all the time. */
const SET_MS = 10_000;

/**
 * Since when a CHILD_SA is not used. Kernels tell the last use by the wall clock, which may be set meanwhile: a use whose time cannot be told any
 * more counts as just now, so that nothing ends for want of traffic because a clock was set, and nothing lives on for it by more than its limit.
 */
export class InactivityWatch {
  // What of it rests with its CHILD_SA.
  lastUseMs = 0;
  usedAtMs: number;
  lookedAtMs: number;
  offsetMs: number;

  /** Made when the CHILD_SA is installed. */
  constructor(private readonly clock: Clock) {
    this.usedAtMs = this.lookedAtMs = clock.nowMs;
    this.offsetMs = clock.wallMs - clock.nowMs;
  }

  /**
   * Looks at what the kernel says.
   * @param lastUseMs wall time since the epoch, 0 for never
   * @returns milliseconds without use
   */
  idleMs(lastUseMs: number): number {
    const { nowMs, wallMs } = this.clock;
    const offsetMs = wallMs - nowMs;
    if (lastUseMs !== this.lastUseMs) {
      const isSet = Math.abs(offsetMs - this.offsetMs) > SET_MS;
      this.usedAtMs = isSet ? nowMs : Math.min(nowMs, Math.max(this.lookedAtMs, lastUseMs - offsetMs));
      this.lastUseMs = lastUseMs;
    }
    this.lookedAtMs = nowMs;
    this.offsetMs = offsetMs;
    return nowMs - this.usedAtMs;
  }
}
