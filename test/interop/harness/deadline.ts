import { setTimeout as sleep } from "node:timers/promises";

/** Factor by which all patience is stretched on slow machines. */
export const TIMESCALE = Number(process.env["TIMESCALE"] ?? 1);

const POLL_MS = 15;
const PATIENCE_MS = 20_000;

/**
 * Looks again and again until `look` finds something, and returns that.
 *
 * @param what named in the error when the time is over; a function is called then
 * @param patienceMs before `TIMESCALE`
 */
export async function until<T>(
  what: string | (() => string),
  look: () => T | Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = Date.now() + patienceMs * TIMESCALE;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found as NonNullable<Exclude<T, false>>;
    if (Date.now() > end) throw new Error(`gave up waiting for ${typeof what === "string" ? what : what()}`);
    await sleep(POLL_MS);
  }
}
