import type { Hasher } from "@cygnet/plugin-api";
import { HashAlgorithm } from "@cygnet/wire";
import fc from "fast-check";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { hasherVectors } from "@cygnet/crypto/vectors";
import { anyOctets, counting, embedded, hex, octets, throwsForLength } from "./octets.js";
import { NODE_HASH } from "./oracle.js";

/** @param id number of the hash, which selects its vectors and oracle */
export function describeHasher(name: string, hasher: Hasher, id: number): void {
  describe(name, () => {
    // The identity "hash" has no size: its output is as long as the data.
    const sizeOf = (data: Uint8Array): number => (id === HashAlgorithm.IDENTITY ? data.length : hasher.hashBytes);
    const hash = (data: Uint8Array): Uint8Array => {
      const out = new Uint8Array(sizeOf(data));
      hasher.hash(data, out);
      return out;
    };

    it("gives the published hashes", () => {
      const vectors = hasherVectors.filter((vector) => vector.id === id);
      expect(vectors).not.toEqual([]);
      for (const vector of vectors) expect(hex(hash(octets(vector.data))), vector.source).toBe(vector.hash);
    });

    it("hashes views and writes nothing but its output", () => {
      const data = embedded(counting(200));
      const out = embedded(new Uint8Array(sizeOf(data.view)));
      hasher.hash(data.view, out.view);
      expect(hex(out.view)).toBe(hex(hash(counting(200))));
      expect(data.untouched() && out.untouched()).toBe(true);
      expect(hex(data.view)).toBe(hex(counting(200)));
    });

    it("refuses outputs of the wrong size", () => {
      const size = sizeOf(counting(10));
      for (const length of [0, size - 1, size + 1, 4096]) {
        if (length === size) continue;
        expect(throwsForLength(() => hasher.hash(counting(10), new Uint8Array(length)))).toBe(true);
      }
    });

    const algorithm = NODE_HASH[id];
    if (algorithm !== undefined)
      it("agrees with node:crypto on any data", () => {
        fc.assert(
          fc.property(anyOctets(600), (data) => hex(hash(data)) === createHash(algorithm).update(data).digest("hex")),
          { numRuns: 60 },
        );
      });
  });
}
