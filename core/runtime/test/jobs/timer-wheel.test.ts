import { describe, expect, it } from "vitest";
import { TimerWheel } from "../../src/jobs/timer-wheel.js";

/** Work of `ticks` ticks, in entries moved or expired, with so many entries that are due within an hour of 10 ms ticks. */
function workOf(ticks: number, entries: number, from = 0): number {
  const wheel = new TimerWheel(entries);
  for (let i = 0; i < entries; i++) wheel.arm(i, from + 1 + ((i * 7919) % 360_000));
  let expired = 0;
  wheel.advance(ticks, () => void expired++);
  return wheel.moves + expired;
}

describe("a timer wheel", () => {
  it("touches no entry in a tick for what is due much later, however many there are", () => {
    for (const entries of [100, 250_000]) expect(workOf(200, entries, 100_000)).toBe(0);
  });

  it("touches each entry a few times in its whole life, however many there are", () => {
    for (const entries of [100, 250_000]) {
      const work = workOf(360_000, entries);
      expect(work).toBeGreaterThanOrEqual(entries);
      expect(work).toBeLessThanOrEqual(4 * entries);
    }
  });
});
