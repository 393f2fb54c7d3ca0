import type { Signer } from "@cygnet/plugin-api";
import fc from "fast-check";
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { signerVectors } from "@cygnet/crypto/vectors";
import { anyOctets, counting, eachBitFlipped, embedded, exactly, hex, octets, throwsForLength } from "./octets.js";
import { NODE_SIGNER } from "./oracle.js";

/** @param id number of the integrity algorithm, which selects its vectors and oracle */
export function describeSigner(name: string, signer: Signer, id: number): void {
  describe(name, () => {
    const keyed = (key: Uint8Array): Uint8Array => {
      const state = new Uint8Array(signer.stateBytes);
      signer.setKey(key, state);
      return state;
    };
    const sign = (state: Uint8Array, data: Uint8Array): Uint8Array => {
      const icv = new Uint8Array(signer.icvBytes);
      signer.sign(state, data, icv);
      return icv;
    };

    it("gives the published checksums and accepts them", () => {
      const vectors = signerVectors.filter((vector) => vector.id === id);
      expect(vectors).not.toEqual([]);
      for (const { key, data, icv, source } of vectors) {
        const state = keyed(octets(key));
        expect(hex(sign(state, octets(data))), source).toBe(icv);
        expect(signer.verify(state, octets(data), octets(icv)), source).toBe(true);
      }
    });

    it("detects every flipped bit of the data and of the checksum", () => {
      const state = keyed(counting(signer.keyBytes));
      const data = counting(75);
      const icv = sign(state, data);
      let accepted = 0;
      eachBitFlipped(data, () => (accepted += Number(signer.verify(state, data, icv))));
      eachBitFlipped(icv, () => (accepted += Number(signer.verify(state, data, icv))));
      expect(accepted).toBe(0);
      expect(signer.verify(state, data, icv)).toBe(true);
    });

    it("detects a wrong key and missing data", () => {
      const state = keyed(counting(signer.keyBytes));
      const icv = sign(state, counting(75));
      expect(signer.verify(keyed(new Uint8Array(signer.keyBytes)), counting(75), icv)).toBe(false);
      expect(signer.verify(state, counting(74), icv)).toBe(false);
      expect(signer.verify(state, new Uint8Array(0), icv)).toBe(false);
    });

    it("writes nothing but the checksum and the state", () => {
      const key = embedded(counting(signer.keyBytes));
      const state = embedded(new Uint8Array(signer.stateBytes));
      const data = embedded(counting(75));
      const icv = embedded(new Uint8Array(signer.icvBytes));
      signer.setKey(key.view, state.view);
      signer.sign(state.view, data.view, icv.view);
      expect(signer.verify(state.view, data.view, icv.view)).toBe(true);
      expect([key, state, data, icv].every((part) => part.untouched())).toBe(true);
    });

    it("refuses keys, states and checksums of the wrong size", () => {
      const state = keyed(counting(signer.keyBytes));
      for (const delta of [-1, 1]) {
        const wrongState = new Uint8Array(signer.stateBytes + delta);
        const wrongIcv = new Uint8Array(signer.icvBytes + delta);
        expect(throwsForLength(() => signer.setKey(new Uint8Array(signer.keyBytes + delta), state))).toBe(true);
        expect(throwsForLength(() => signer.setKey(counting(signer.keyBytes), wrongState))).toBe(true);
        expect(throwsForLength(() => signer.sign(wrongState, counting(9), new Uint8Array(signer.icvBytes)))).toBe(true);
        expect(throwsForLength(() => signer.sign(state, counting(9), wrongIcv))).toBe(true);
        expect(throwsForLength(() => signer.verify(state, counting(9), wrongIcv))).toBe(true);
      }
      expect(throwsForLength(() => signer.verify(state, counting(9), new Uint8Array(0)))).toBe(true);
    });

    const algorithm = NODE_SIGNER[id];
    if (algorithm !== undefined)
      it("agrees with node:crypto on any data", () => {
        fc.assert(
          fc.property(exactly(signer.keyBytes), anyOctets(600), (key, data) => {
            const expected = createHmac(algorithm, key).update(data).digest().subarray(0, signer.icvBytes);
            return hex(sign(keyed(key), data)) === hex(expected);
          }),
          { numRuns: 60 },
        );
      });
  });
}
