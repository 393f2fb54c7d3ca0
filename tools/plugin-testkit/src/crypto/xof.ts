import type { Xof } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { xofVectors } from "@cygnet/crypto/vectors";
import { counting, embedded, hex, octets } from "./octets.js";

/** @param id number of the function, which selects its vectors */
export function describeXof(name: string, xof: Xof, id: number): void {
  describe(name, () => {
    const expand = (seed: Uint8Array, length: number): string => {
      const out = new Uint8Array(length);
      xof.expand(seed, out);
      return hex(out);
    };

    it("gives the published output", () => {
      const vectors = xofVectors.filter((vector) => vector.id === id);
      expect(vectors).not.toEqual([]);
      for (const { seed, output, source } of vectors) expect(expand(octets(seed), output.length / 2), source).toBe(output);
    });

    it("gives more of the same, from views, and writes nothing but its output", () => {
      const seed = embedded(counting(100));
      const out = embedded(new Uint8Array(777));
      xof.expand(seed.view, out.view);
      expect(hex(out.view)).toBe(expand(counting(100), 777));
      for (const length of [0, 1, 16, 300]) expect(hex(out.view).startsWith(expand(counting(100), length))).toBe(true);
      expect(seed.untouched() && out.untouched()).toBe(true);
    });
  });
}
