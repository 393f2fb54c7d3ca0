import { WaitTimes } from "@cygnet/runtime";
import { describe, expect, it } from "vitest";

function setup() {
  let nowMs = 1000;
  const waits = new WaitTimes(() => nowMs);
  return { waits, pass: (ms: number) => void (nowMs += ms) };
}

describe("WaitTimes", () => {
  it("hands answers that are there through, without counting them", () => {
    const { waits } = setup();
    expect(waits.measure("kernel", "add SA", 7)).toBe(7);
    expect(waits.profile()).toEqual([]);
  });

  it("measures promises until they settle, tells of those that have not, and counts failures", async () => {
    const { waits, pass } = setup();
    let answer!: (value: number) => void;
    const asked = new Promise<number>((resolve) => (answer = resolve));
    expect(waits.measure("kernel", "add SA", asked)).toBe(asked);
    const refused = Promise.reject(new Error("no"));
    await expect(waits.measure("radius", "access", refused)).rejects.toThrow("no");
    pass(30);
    expect(waits.profile()).toMatchObject([
      { on: "kernel", name: "add SA", failed: 0, time: { count: 0, pending: 1, pendingUs: 30_000 } },
      { on: "radius", name: "access", failed: 1, time: { count: 1, totalUs: 0, pending: 0 } },
    ]);
    answer(1);
    await asked;
    expect(waits.profile()[0]).toMatchObject({ time: { count: 1, totalUs: 30_000, maxUs: 30_000, pending: 0, pendingUs: 0 } });
  });

  it("never tells more than a bounded number of kinds apart", () => {
    const { waits } = setup();
    for (let i = 0; i < 1000; i++) waits.record(waits.kind("plugin", `request ${i}`), 1);
    const profile = waits.profile();
    expect(profile).toHaveLength(128);
    expect(profile.find(({ name }) => name === "other")?.time.count).toBe(1000 - 127);
  });
});
