import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectEmpty } from "./expectations.js";

const SEED = 4711;
const RUNS = 120;

/** Delays of the copies of one datagram in milliseconds; none for a lost one. One in five or so is lost. */
const fate = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant<number[]>([]) },
);

const command = fc.record({
  who: fc.constantFrom("moon" as const, "sun" as const),
  what: fc.constantFrom("rekeyChild" as const, "rekeyIke" as const, "create" as const, "terminateChild" as const, "dpd" as const),
  /** Milliseconds until the next one. */
  pause: fc.constantFrom(0, 1, 5, 30, 200, 5000),
});

describe("a network that loses, repeats and reorders datagrams", () => {
  it("never makes the ends disagree for good, nor leave anything behind", async () => {
    const property = fc.asyncProperty(
      fc.array(fate, { minLength: 10, maxLength: 80 }),
      fc.array(command, { maxLength: 8 }),
      async (fates, commands) => {
        const pair = new Pair({
          moon: { settings: { delete_rekeyed_delay: "1" } },
          sun: { settings: { delete_rekeyed_delay: "1" } },
        });
        const children = (end: "moon" | "sun") => [usualChild(end), usualChild(end, "other")];
        pair.configure({ children: children("moon"), dpdDelay: 40 }, { children: children("sun"), dpdDelay: 40 });
        let count = 0;
        pair.network.fate = () => fates[count++] ?? [1];
        const operation = pair.moon.initiate("net");
        await pair.run(3000, 60);
        for (const { who, what, pause } of commands) {
          const end = pair[who];
          const [ikeSa, child] = [end.ikeSas[0], end.children[0]];
          if (what === "create") end.initiate("other");
          else if (what === "rekeyChild" && child) end.rekeyChild(child);
          else if (what === "terminateChild" && child) end.terminateChild(child);
          else if (what === "rekeyIke" && ikeSa) end.rekeyIke(ikeSa);
          else if (what === "dpd" && ikeSa) void end.manager.work(ikeSa.uniqueId, { run: (sa) => end.manager.upkeep.dpdDue(sa) });
          await pair.run(pause, Math.max(1, Math.min(20, pause)));
        }
        // Longer than a request takes to be given up, a liveness check before it and the time of a replaced IKE_SA behind it.
        await pair.run(700_000, 150);
        expect(operation.result()).toBeDefined();
        expectAgreed(pair);
        for (const end of pair.ends) expect(end.processor.failures).toBe(0);
        for (const ikeSa of pair.moon.ikeSas) pair.moon.terminateIke(ikeSa);
        await pair.run(700_000, 40);
        for (const end of pair.ends) expectEmpty(end);
        expect(pair.clock.armedTimers).toBeLessThanOrEqual(2);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
});
