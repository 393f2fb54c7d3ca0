import { Host } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChildSpis } from "../../src/kernel/child-spis.js";
import type { ChildSa } from "../../src/sa/child-sa.js";

const US = Host.of("192.0.2.1");
const THEM = [Host.of("192.0.2.2"), Host.of("192.0.2.3")];

const childSa = (spiIn: number, spiOut: number, remote = THEM[0]!): ChildSa =>
  ({ protocol: 3, spiIn, spiOut, local: US, remote }) as ChildSa;

describe("ChildSpis", () => {
  it("finds a CHILD_SA by either SPI, where protocol and destination are those of its SA", () => {
    const spis = new ChildSpis();
    const child = childSa(1, 2);
    spis.add(1, child);
    spis.add(2, child);
    expect(spis.find(3, 1, US)).toBe(child);
    expect(spis.find(3, 2, THEM[0]!)).toBe(child);
    expect(spis.find(2, 1, US)).toBeUndefined();
    expect(spis.find(3, 1, THEM[0]!)).toBeUndefined();
    expect(spis.find(3, 9, US)).toBeUndefined();
  });

  it("tells apart those whose peers have chosen the same SPI, and forgets each when it goes", () => {
    const place = fc.nat(1);
    const spi = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(fc.array(fc.record({ spi, place }), { maxLength: 12 }), fc.array(fc.nat(11)), (list, gone) => {
        const spis = new ChildSpis();
        const there = new Set(list.map(({ spi: out, place: at }, i) => childSa(100 + i, out, THEM[at]!)));
        const all = [...there];
        for (const child of all) spis.add(child.spiOut, child);
        for (const at of gone) {
          const child = all[at];
          if (!child) continue;
          spis.delete(child.spiOut, child);
          there.delete(child);
        }
        for (const out of [1, 2, 3]) {
          for (const remote of THEM) {
            const candidates = [...there].filter((child) => child.spiOut === out && child.remote === remote);
            const found = spis.find(3, out, remote);
            expect(found === undefined ? candidates.length : candidates.includes(found)).toBe(found === undefined ? 0 : true);
          }
        }
        for (const child of there) spis.delete(child.spiOut, child);
        expect(spis.size).toBe(0);
      }),
    );
  });
});
