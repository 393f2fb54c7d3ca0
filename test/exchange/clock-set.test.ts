import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";

const HOUR_MS = 3_600_000;

/** What happens in some minutes with liveness checks, rekeying and lifetimes, while the wall clock is set at some seconds. */
async function history(sets: ReadonlyMap<number, number>) {
  const pair = new Pair();
  const lifetimes = { rekeyTime: 70, lifeTime: 90 };
  pair.configure(
    { dpdDelay: 20, rekeyTime: 100, overTime: 20, children: [usualChild("moon", "net", lifetimes)] },
    { dpdDelay: 30 },
  );
  await pair.establish();
  const events: string[] = [];
  for (let second = 1; second <= 400; second++) {
    const setMs = sets.get(second);
    if (setMs !== undefined) pair.clock.setWall(pair.clock.wallMs + setMs);
    await pair.run(1000, 100);
    for (const end of pair.ends) {
      const states = end.ikeSas.map((sa) => `${sa.uniqueId}:${sa.state}:${sa.children.map((child) => child.uniqueId).join()}`);
      events.push(`${second} ${states.join(" ")} ${end.lines().length}`);
    }
  }
  return { events, lines: pair.ends.map((end) => end.lines()), sent: pair.network.flights.length };
}

describe("a wall clock that is set", () => {
  it.each([
    ["ahead", [[25, HOUR_MS]]],
    ["back", [[25, -HOUR_MS]]],
    ["ahead and back again and again", Array.from({ length: 30 }, (_, i) => [5 + 13 * i, i % 2 === 0 ? HOUR_MS : -HOUR_MS])],
  ] as const)("%s changes nothing about liveness checks, rekeying and lifetimes", async (_, sets) => {
    const undisturbed = await history(new Map());
    const lines = undisturbed.lines.flat().join("\n");
    for (const what of ["parsed INFORMATIONAL request", "rekeyed between", "N(REKEY_SA)"]) expect(lines).toContain(what);
    expect(await history(new Map(sets as readonly (readonly [number, number])[]))).toEqual(undisturbed);
  });

  it.each([
    ["ahead", HOUR_MS],
    ["back", -HOUR_MS],
  ])("%s neither ends a CHILD_SA that is used, nor keeps one that is not", async (_, setMs) => {
    const pair = new Pair();
    pair.configure({ children: [usualChild("moon", "net", { inactivity: 60 })] });
    await pair.establish();
    const used = (): void => void (pair.moon.kernel.use = { bytes: 100, packets: 1, lastUseMs: pair.clock.wallMs });
    for (let round = 0; round < 20; round++) {
      await pair.run(20_000);
      used();
      if (round % 5 === 2) pair.clock.setWall(pair.clock.wallMs + setMs);
    }
    expect(pair.moon.children).toHaveLength(1);
    // Used for the last time just before the clock is set: it may live on for as long as its limit, and no longer.
    used();
    pair.clock.setWall(pair.clock.wallMs + setMs);
    await pair.run(125_000);
    expect(pair.moon.lines()).toContain("deleting CHILD_SA after 60 seconds of inactivity");
    expect(pair.moon.children).toHaveLength(0);
  });
});
