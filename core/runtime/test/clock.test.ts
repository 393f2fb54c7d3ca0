import { SystemClock } from "@cygnet/runtime";
import { VirtualClock } from "@cygnet/runtime/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

describe("system clock", () => {
  let monotonicMs = 0;

  beforeEach(() => {
    monotonicMs = 1000;
    vi.spyOn(performance, "now").mockImplementation(() => monotonicMs);
  });

  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("stands still within a callback and moves on in the next one by itself", async () => {
    const clock = new SystemClock();
    expect(clock.nowMs).toBe(0);
    monotonicMs += 5.5;
    expect(clock.nowMs).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(clock.nowMs).toBe(5);
  });

  it("is read anew by tick, which tells fractions", () => {
    const clock = new SystemClock();
    expect(clock.nowMs).toBe(0);
    monotonicMs += 2.75;
    expect(clock.tick()).toBe(2.75);
    expect(clock.nowMs).toBe(2);
  });

  it("goes on by what it is told, at once", () => {
    const clock = new SystemClock();
    expect(clock.nowMs).toBe(0);
    clock.skip(1500.5);
    expect(clock.nowMs).toBe(1500);
    monotonicMs += 10;
    expect(clock.tick()).toBe(1510.5);
  });

  it("follows a wall clock that is set, to the microsecond", () => {
    const clock = new SystemClock();
    const wall = vi.spyOn(Date, "now").mockReturnValue(5_000_000);
    expect(clock.preciseWallMs()).toBe(5_000_000);
    monotonicMs += 0.25;
    expect(clock.preciseWallMs()).toBe(5_000_000.25);
    wall.mockReturnValue(9_000_000);
    expect(clock.preciseWallMs()).toBe(9_000_000);
    clock.tick();
    expect(clock.wallMs).toBe(9_000_000);
  });
});

describe("virtual clock", () => {
  it("fires timers in order of time and arming, each at its time", () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    const timer = (name: string) => clock.timer(() => void fired.push(`${name}@${clock.nowMs}`));
    timer("b").arm(20);
    timer("a").arm(10);
    timer("c").arm(20);
    const never = timer("never");
    never.arm(15);
    never.disarm();
    const again = timer("again");
    again.arm(5);
    again.arm(30);
    clock.advance(25);
    expect(fired).toEqual(["a@10", "b@20", "c@20"]);
    expect(clock.armedTimers).toBe(1);
    clock.advance(5);
    expect(fired[3]).toBe("again@30");
    expect(clock.wallMs - clock.nowMs).toBe(Date.UTC(2026, 0, 1));
  });
});
