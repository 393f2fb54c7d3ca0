import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";

/** Two ends, of which each wants IPComp or not. */
function pairOf(moon: boolean, sun: boolean, forceEncap = false): Pair {
  const pair = new Pair();
  const child = (end: "moon" | "sun", ipcomp: boolean) => ({ forceEncap, children: [usualChild(end, "net", { ipcomp })] });
  pair.configure(child("moon", moon), child("sun", sun));
  return pair;
}

/** In and out of each end. */
const cpis = (pair: Pair): number[][] =>
  pair.ends.map(({ children }) => children.flatMap(({ cpiIn, cpiOut }) => [cpiIn, cpiOut]));
/** What the kernels have still allocated. */
const allocated = (pair: Pair): number[] => pair.ends.map(({ kernel }) => kernel.cpis.size);

describe("IPComp (RFC 7296 section 2.22)", () => {
  it("is used where both want it, each with the other's CPI, also after rekeying by either", async () => {
    const pair = pairOf(true, true);
    await pair.establish();
    const [[moonIn, moonOut] = [], [sunIn, sunOut] = []] = cpis(pair);
    expect([moonIn, sunIn].every((cpi) => cpi! > 0xff)).toBe(true);
    expect([moonOut, sunOut]).toEqual([sunIn, moonIn]);
    for (const end of pair.ends) {
      end.rekeyChild();
      await pair.run(10_000);
      const [[i, o] = [], [otherIn, otherOut] = []] = cpis(pair);
      expect([otherOut, otherIn]).toEqual([i, o]);
      expect(i).toBeGreaterThan(0);
    }
    // Those of CHILD_SAs that are gone are gone, too.
    expect(allocated(pair)).toEqual([1, 1]);
    expect(pair.ends.map(({ kernel }) => kernel.missing)).toEqual([[], []]);
  });

  it.each([
    ["the responder does not want it", true, false],
    ["the initiator does not", false, true],
  ])("is not used where %s, and no CPI stays allocated", async (_who, moon, sun) => {
    const pair = pairOf(moon, sun);
    await pair.establish();
    expect(cpis(pair)).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(allocated(pair)).toEqual([0, 0]);
    if (moon) expect(pair.sun.lines()).toContain("received IPCOMP_SUPPORTED notify but IPComp is disabled, ignoring");
  });

  it("is not used with a NAT on the way", async () => {
    const pair = pairOf(true, true, true);
    await pair.establish();
    expect(cpis(pair).flat()).toEqual([0, 0, 0, 0]);
    expect(pair.moon.lines()).toContain("IPComp is not supported if either peer is natted, IPComp disabled");
  });

  it.each(["moon", "sun"] as const)("is done without where the kernel of %s has none", async (name) => {
    const pair = pairOf(true, true);
    pair[name].kernel.failCpi = new Error("no IPComp here");
    await pair.establish();
    expect(cpis(pair).flat()).toEqual([0, 0, 0, 0]);
    expect(allocated(pair)).toEqual([0, 0]);
    expect(pair[name].lines()).toContain("unable to allocate a CPI from kernel, IPComp disabled: no IPComp here");
  });

  it("survives rest: an IKE_SA that was put away knows its CPIs", async () => {
    const pair = pairOf(true, true);
    await pair.establish();
    await pair.run(60_000);
    const [[, moonOut] = [], [sunIn] = []] = cpis(pair);
    expect(moonOut).toBe(sunIn);
    expect(moonOut).toBeGreaterThan(0);
  });
});
