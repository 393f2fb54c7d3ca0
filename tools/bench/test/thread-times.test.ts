import { describe, expect, it } from "vitest";
import { shortestSeconds, threadTimes, threadUse } from "../src/thread-times.js";

describe("what threads use", () => {
  it("is read by thread, and grows", () => {
    const before = threadTimes(process.pid);
    expect(before.has(String(process.pid))).toBe(true);
    const until = process.cpuUsage().user + 20_000;
    while (process.cpuUsage().user < until);
    const use = threadUse(before, threadTimes(process.pid));
    expect(use.allSeconds).toBeGreaterThan(0.01);
    expect(use.busiestSeconds).toBeLessThanOrEqual(use.allSeconds);
  });

  it("is nothing where there is no process", () => {
    expect(threadTimes(2 ** 30).size).toBe(0);
  });

  it("counts threads that are new, and none that has ended", () => {
    const before = new Map([
      ["1", 1e9],
      ["2", 5e9],
    ]);
    const after = new Map([
      ["1", 3e9],
      ["3", 1e9],
    ]);
    expect(threadUse(before, after)).toEqual({ allSeconds: 3, busiestSeconds: 2 });
  });

  it.each([
    [2, 1, 2, "one CPU does all"],
    [2, 2, 1.2, "the busiest thread bounds"],
    [2.4, 2, 1.2, "all together bound"],
  ])("of %d s on %d CPUs takes %d s: %s", (allSeconds, cpus, seconds) => {
    expect(shortestSeconds({ allSeconds, busiestSeconds: 1.2 }, cpus)).toBe(seconds);
  });
});
