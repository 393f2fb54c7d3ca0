import type { Prf } from "@cygnet/plugin-api";
import { PseudoRandomFunction } from "@cygnet/wire";
import fc from "fast-check";
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { prfVectors } from "@cygnet/crypto/vectors";
import { anyOctets, counting, embedded, hex, octets, throwsForLength } from "./octets.js";
import { NODE_PRF } from "./oracle.js";

/** Data that every PRF takes: keyed SHA-1 wants whole blocks, and the FIPS PRF at most 20 octets. */
function dataFor(id: number): Uint8Array {
  if (id === PseudoRandomFunction.PRF_FIPS_SHA1_160) return counting(20);
  return counting(id === PseudoRandomFunction.PRF_KEYED_SHA1 ? 128 : 131);
}

/** @param id number of the PRF, which selects its vectors and oracle */
export function describePrf(name: string, prf: Prf, id: number): void {
  describe(name, () => {
    const keyed = (key: Uint8Array): Uint8Array => {
      const state = new Uint8Array(prf.stateBytes);
      prf.setKey(key, state);
      return state;
    };
    const compute = (state: Uint8Array, data: Uint8Array): Uint8Array => {
      const out = new Uint8Array(prf.outputBytes);
      prf.compute(state, data, out);
      return out;
    };
    const data = dataFor(id);

    it("gives the published outputs", () => {
      const vectors = prfVectors.filter((vector) => vector.id === id && vector.plus !== true);
      expect(vectors).not.toEqual([]);
      for (const { key, seed, output, source } of vectors)
        expect(hex(compute(keyed(octets(key)), octets(seed))), source).toBe(output);
    });

    const plus = prfVectors.filter((vector) => vector.id === id && vector.plus === true);
    if (plus.length > 0 && prf.expand !== undefined)
      it("gives the published outputs of prf+", () => {
        for (const { key, seed, output, source } of plus) {
          const out = new Uint8Array(output.length / 2);
          prf.expand?.(keyed(octets(key)), octets(seed), out);
          expect(hex(out), source).toBe(output);
        }
      });

    it("keeps everything that belongs to a key in its state", () => {
      const [first, second] = [keyed(counting(prf.keyBytes)), keyed(new Uint8Array(prf.keyBytes).fill(9))];
      const expected = hex(compute(first, data));
      expect(hex(compute(second, data))).not.toBe(expected);
      const moved = embedded(first);
      first.fill(0);
      expect(hex(compute(moved.view, data))).toBe(expected);
    });

    it("writes nothing but its output and its state", () => {
      const key = embedded(counting(prf.keyBytes));
      const state = embedded(new Uint8Array(prf.stateBytes));
      const input = embedded(data);
      const out = embedded(new Uint8Array(prf.outputBytes));
      prf.setKey(key.view, state.view);
      const before = hex(state.view);
      prf.compute(state.view, input.view, out.view);
      expect(hex(state.view)).toBe(before);
      expect([key, state, input, out].every((part) => part.untouched())).toBe(true);
      expect([hex(key.view), hex(input.view)]).toEqual([hex(counting(prf.keyBytes)), hex(data)]);
    });

    it("refuses states and outputs of the wrong size", () => {
      const state = keyed(counting(prf.keyBytes));
      for (const delta of [-1, 1]) {
        const wrongState = new Uint8Array(prf.stateBytes + delta);
        expect(throwsForLength(() => prf.setKey(counting(prf.keyBytes), wrongState))).toBe(true);
        expect(throwsForLength(() => prf.compute(wrongState, data, new Uint8Array(prf.outputBytes)))).toBe(true);
        expect(throwsForLength(() => prf.compute(state, data, new Uint8Array(prf.outputBytes + delta)))).toBe(true);
      }
    });

    if (prf.expand !== undefined)
      it("expands like RFC 7296 section 2.13, ends within a block and after 255 blocks", () => {
        const state = keyed(counting(prf.keyBytes));
        const seed = counting(50);
        const rounds = new Uint8Array(255 * prf.outputBytes);
        let last = new Uint8Array(0);
        for (let n = 1; n <= 255; n++) {
          last = Uint8Array.from(compute(state, Uint8Array.from([...last, ...seed, n])));
          rounds.set(last, (n - 1) * prf.outputBytes);
        }
        for (const length of [0, 1, prf.outputBytes, prf.outputBytes + 1, 5 * prf.outputBytes - 1, rounds.length]) {
          const out = embedded(new Uint8Array(length));
          prf.expand?.(state, seed, out.view);
          expect(hex(out.view)).toBe(hex(rounds.subarray(0, length)));
          expect(out.untouched()).toBe(true);
        }
        expect(throwsForLength(() => prf.expand?.(state, seed, new Uint8Array(rounds.length + 1)))).toBe(true);
      });

    const algorithm = NODE_PRF[id];
    if (algorithm !== undefined)
      it("agrees with node:crypto on any key and data", () => {
        fc.assert(
          fc.property(
            anyOctets(300),
            anyOctets(600),
            (key, text) => hex(compute(keyed(key), text)) === createHmac(algorithm, key).update(text).digest("hex"),
          ),
          { numRuns: 60 },
        );
      });
  });
}
