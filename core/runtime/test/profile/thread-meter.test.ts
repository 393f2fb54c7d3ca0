import { ThreadMeter } from "@cygnet/runtime";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";

/** Keeps the thread without a break. */
function work(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe("ThreadMeter", () => {
  it("counts the pauses for garbage collection of its thread", async () => {
    const meter = new ThreadMeter();
    const stop = meter.start();
    setFlagsFromString("--expose-gc");
    (runInNewContext("gc") as () => void)();
    while (meter.profile().gc.count === 0) await setImmediate();
    stop();
    const { gc } = meter.profile();
    expect(gc.totalUs).toBeGreaterThan(0);
    expect(gc.maxUs).toBeLessThanOrEqual(gc.totalUs);
  });

  it("tells how much of the time the event loop was busy", async () => {
    const meter = new ThreadMeter();
    work(20);
    await setImmediate();
    const { busyMs, elapsedMs } = meter.profile();
    expect(busyMs).toBeGreaterThanOrEqual(19);
    expect(elapsedMs).toBeGreaterThanOrEqual(busyMs);
  });

  it("counts a second without a break as saturated", () => {
    const meter = new ThreadMeter();
    const nowMs = performance.now();
    work(5);
    // Looked at as if a second had passed: all that the event loop knows of is work.
    meter.sample(nowMs + 1001);
    expect(meter.profile().saturatedMs).toBeGreaterThanOrEqual(4);
  });
});
