import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Host } from "@cygnet/plugin-api";
import {
  TrafficSelector,
  isSubset,
  narrow,
  printSelectors,
  reduceSelectors,
  resolveDynamic,
  sameSelectors,
  withPacketFirst,
} from "../../src/config/index.js";
import { listArbitrary, samples, selectorArbitrary } from "./selectors.js";

const list = (...texts: string[]): TrafficSelector[] => texts.map((text) => TrafficSelector.parse(text)!);

describe("narrowing traffic selectors", () => {
  it.each([
    [["10.0.0.0/8"], ["10.1.0.0/16"], "10.1.0.0/16"],
    [["10.1.0.0/16"], ["0.0.0.0/0"], "10.1.0.0/16"],
    [["10.1.0.0/16", "10.2.0.0/16"], ["10.2.0.0/24", "10.1.0.0/24"], "10.1.0.0/24 10.2.0.0/24"],
    [["10.0.0.0/8"], ["10.1.0.5[tcp/80]", "10.1.0.0/16"], "10.1.0.0/16"],
    [["10.1.0.0/24"], ["10.1.0.5[tcp/80]", "0.0.0.0/0"], "10.1.0.0/24"],
    [["10.1.0.0/24", "10.1.0.0/24"], ["10.1.0.0/24"], "10.1.0.0/24"],
    [["10.1.0.0/24"], ["10.2.0.0/24"], ""],
    [["0.0.0.0/0", "::/0"], ["fec0::/64"], "fec0::/64"],
  ])("%s with %s proposed is '%s'", (configured, proposed, result) => {
    expect(printSelectors(narrow(list(...configured), list(...proposed)))).toBe(result);
  });

  it("gives a subset of both, without anything redundant, and of nothing else", () => {
    fc.assert(
      fc.property(listArbitrary, listArbitrary, (ours, theirs) => {
        const result = narrow(ours, theirs);
        expect(isSubset(result, ours)).toBe(true);
        expect(isSubset(result, theirs)).toBe(true);
        expect(reduceSelectors(result)).toEqual(result);
        for (const a of ours)
          for (const b of theirs)
            for (const packet of samples(a, b)) {
              const wanted = ours.some((ts) => ts.contains(packet)) && theirs.some((ts) => ts.contains(packet));
              expect(result.some((ts) => ts.contains(packet))).toBe(wanted);
            }
      }),
      { numRuns: 60 },
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(listArbitrary, listArbitrary, (ours, theirs) => {
        const once = narrow(ours, theirs);
        expect(sameSelectors(narrow(ours, once), once)).toBe(true);
        expect(sameSelectors(narrow(once, theirs), once)).toBe(true);
      }),
    );
  });

  it("covers the packet that the first selectors describe whenever policy allows it", () => {
    fc.assert(
      fc.property(listArbitrary, selectorArbitrary, listArbitrary, (ours, packet, rest) => {
        const proposal = withPacketFirst(packet, rest);
        expect(proposal[0]).toBe(packet);
        fc.pre(ours.some((ts) => ts.contains(packet)));
        expect(narrow(ours, proposal).some((ts) => ts.contains(packet))).toBe(true);
      }),
    );
  });

  it("keeps the first of equal selectors and drops contained ones", () => {
    expect(printSelectors(reduceSelectors(list("10.0.0.0/24", "10.0.0.0/8", "10.0.0.0/8", "fec0::/64")))).toBe(
      "10.0.0.0/8 fec0::/64",
    );
  });

  it("puts each host in the place of a dynamic selector", () => {
    const hosts = [Host.of("10.0.0.1"), Host.of("fec0::1")];
    expect(printSelectors(resolveDynamic(list("dynamic[tcp]", "10.2.0.0/16"), hosts))).toBe(
      "10.0.0.1/32[tcp] fec0::1/128[tcp] 10.2.0.0/16",
    );
    const fixed = list("10.2.0.0/16");
    expect(resolveDynamic(fixed, hosts)).toBe(fixed);
    expect(printSelectors(resolveDynamic(list("dynamic"), []))).toBe("dynamic");
  });
});
