import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NumberIndex } from "../../src/sa/number-index.js";

/** Few keys, so that they are met again, some of them far apart. */
const key = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0xffff_fff0, max: 0xffff_ffff }));
const step = fc.record({ key, value: fc.integer({ min: 0, max: 0xffff_ffff }), isDelete: fc.boolean() });

describe("the index of numbers", () => {
  it("answers as a map does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const [index, map] = [new NumberIndex(), new Map<number, number>()];
        for (const { key: at, value, isDelete } of steps) {
          if (isDelete) expect(index.delete(at)).toBe(map.delete(at));
          else {
            index.set(at, value);
            map.set(at, value);
          }
          expect(index.size).toBe(map.size);
        }
        for (let at = 1; at <= 40; at++) {
          expect(index.get(at)).toBe(map.get(at));
          expect(index.has(at)).toBe(map.has(at));
        }
      }),
    );
  });

  it("loses nothing while it grows and shrinks", () => {
    const index = new NumberIndex();
    const keys = Array.from({ length: 20_000 }, (_, i) => Math.imul(i + 1, 7919) >>> 0);
    const found = (): (number | undefined)[] => keys.map((at) => index.get(at));
    keys.forEach((at, i) => index.set(at, i));
    expect(found()).toEqual(keys.map((_, i) => i));
    const left = 100;
    expect(keys.slice(left).every((at) => index.delete(at))).toBe(true);
    expect(found()).toEqual(keys.map((_, i) => (i < left ? i : undefined)));
    expect(index.size).toBe(left);
  });

  it("knows no key 0", () => {
    const index = new NumberIndex();
    expect(index.has(0)).toBe(false);
    expect(index.delete(0)).toBe(false);
    expect(index.size).toBe(0);
  });
});
