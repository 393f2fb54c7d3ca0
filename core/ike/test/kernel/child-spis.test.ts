import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChildSpis } from "../../src/kernel/child-spis.js";

describe("ChildSpis", () => {
  it("has all CHILD_SAs of an SPI, and forgets each when it goes", () => {
    const spi = fc.integer({ min: 1, max: 3 });
    fc.assert(
      fc.property(fc.array(spi, { maxLength: 12 }), fc.array(fc.nat(11)), (list, gone) => {
        const spis = new ChildSpis();
        const there = new Map(list.map((each, id) => [id, each]));
        for (const [id, each] of there) spis.add(each, id);
        for (const id of gone) {
          const each = there.get(id);
          if (each !== undefined) spis.delete(each, id);
          there.delete(id);
        }
        for (const each of [1, 2, 3]) expect(spis.of(each)).toEqual([...there.keys()].filter((id) => there.get(id) === each));
        for (const [id, each] of there) spis.delete(each, id);
        expect(spis.size).toBe(0);
      }),
    );
  });
});
