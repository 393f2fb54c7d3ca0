import { describe, expect, it } from "vitest";
import { RoamSignal } from "../src/route/roam-signal.js";

describe("RoamSignal", () => {
  function signal() {
    const roams: boolean[] = [];
    const timers: (() => void)[] = [];
    let stopped = 0;
    const made = new RoamSignal(
      (addressChanged) => void roams.push(addressChanged),
      (run) => {
        timers.push(run);
        return () => void stopped++;
      },
    );
    return { roams, timers, signal: made, stopped: () => stopped };
  }

  it("makes one of many changes, and knows whether an address was among them", () => {
    const { roams, timers, signal: made } = signal();
    made.changed(false);
    made.changed(true);
    made.changed(false);
    expect([timers.length, roams]).toEqual([1, []]);
    timers[0]!();
    expect(roams).toEqual([true]);
    made.changed(false);
    timers[1]!();
    expect(roams).toEqual([true, false]);
  });

  it("is silent once closed", () => {
    const { signal: made, stopped } = signal();
    made.changed(true);
    made.close();
    made.close();
    expect(stopped()).toBe(1);
  });
});
