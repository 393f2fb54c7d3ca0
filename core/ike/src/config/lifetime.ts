import type { KernelLifetime } from "@cygnet/plugin-api";

/** A random number in [0, 1). */
export type Fraction = () => number;

/**
 * When to rekey, with the random part taken off so that many SAs do not do it at once.
 * @returns 0 for never; else at least 1, as a jitter larger than the time itself must not mean never
 */
export function rekeyDelay(time: number, jitter: number, random: Fraction): number {
  if (time === 0 || jitter === 0) return time;
  return Math.max(1, time - Math.floor(Math.min(jitter, time) * random()));
}

/** Soft and hard limits of one kind, 0 for none. */
export interface Limit {
  readonly rekey: number;
  readonly life: number;
  readonly jitter: number;
}

/** The limits of a CHILD_SA, as defined. */
export interface ChildLimits {
  /** Seconds. */
  readonly time: Limit;
  readonly bytes: Limit;
  readonly packets: Limit;
}

/** Limits for one CHILD_SA, jitter applied. */
export function kernelLifetime(limits: ChildLimits, random: Fraction): KernelLifetime {
  return {
    rekeySeconds: rekeyDelay(limits.time.rekey, limits.time.jitter, random),
    lifeSeconds: limits.time.life,
    rekeyBytes: rekeyDelay(limits.bytes.rekey, limits.bytes.jitter, random),
    lifeBytes: limits.bytes.life,
    rekeyPackets: rekeyDelay(limits.packets.rekey, limits.packets.jitter, random),
    lifePackets: limits.packets.life,
  };
}
