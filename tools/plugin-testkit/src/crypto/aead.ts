import type { Aead } from "@cygnet/plugin-api";
import fc from "fast-check";
import { createCipheriv } from "node:crypto";
import type { CipherCCMTypes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aeadVectors } from "@cygnet/crypto/vectors";
import { anyOctets, counting, eachBitFlipped, embedded, exactly, hex, octets, throwsForLength } from "./octets.js";
import { nodeAead } from "./oracle.js";

/**
 * @param id number of the encryption algorithm
 * @param keyBytes key size by which it is registered (without the salt)
 */
export function describeAead(name: string, aead: Aead, id: number, keyBytes: number): void {
  describe(name, () => {
    const keyed = (key: Uint8Array): Uint8Array => {
      const state = new Uint8Array(aead.stateBytes);
      aead.setKey(key, state);
      return state;
    };
    /** `aad | iv | text | room for the ICV` */
    const message = (aad: Uint8Array, iv: Uint8Array, text: Uint8Array): Uint8Array =>
      Uint8Array.from([...aad, ...iv, ...text, ...new Uint8Array(aead.icvBytes)]);
    const sample = (): Uint8Array => message(counting(32), counting(aead.ivBytes), counting(45));

    it("gives the published ciphertexts and opens them", () => {
      const vectors = aeadVectors.filter((vector) => vector.id === id && vector.keyBytes === keyBytes);
      expect(vectors).not.toEqual([]);
      for (const { key, iv, aad, plain, cipher, icv, source } of vectors) {
        const state = keyed(octets(key));
        const data = message(octets(aad), octets(iv), octets(plain));
        aead.seal(state, data, aad.length / 2);
        expect(hex(data), source).toBe(aad + iv + cipher + icv);
        expect(aead.open(state, data, aad.length / 2), source).toBe(true);
        expect(hex(data).slice(0, -icv.length), source).toBe(aad + iv + plain);
      }
    });

    it("refuses a message with any bit flipped, and leaves it as it was", () => {
      const state = keyed(counting(aead.keyBytes));
      const data = sample();
      aead.seal(state, data, 32);
      let accepted = 0;
      let changed = 0;
      eachBitFlipped(data, () => {
        const before = hex(data);
        accepted += Number(aead.open(state, data, 32));
        changed += Number(hex(data) !== before);
      });
      expect([accepted, changed]).toEqual([0, 0]);
      expect(aead.open(state, data, 32)).toBe(true);
      expect(hex(data.subarray(0, -aead.icvBytes))).toBe(hex(sample().subarray(0, -aead.icvBytes)));
    });

    it("refuses a message under another key, or with another beginning of the IV", () => {
      const state = keyed(counting(aead.keyBytes));
      const data = sample();
      aead.seal(state, data, 32);
      const other = counting(aead.keyBytes);
      let accepted = 0;
      eachBitFlipped(other, () => (accepted += Number(aead.open(keyed(other), data, 32))));
      expect(accepted).toBe(0);
      expect(aead.open(state, data, 31)).toBe(false);
      expect(aead.open(state, data.subarray(0, -1), 32)).toBe(false);
    });

    it("works in place on a view, and writes nothing else", () => {
      const state = embedded(keyed(counting(aead.keyBytes)));
      const data = embedded(sample());
      aead.seal(state.view, data.view, 32);
      expect(hex(data.view.subarray(0, 32 + aead.ivBytes))).toBe(hex(sample().subarray(0, 32 + aead.ivBytes)));
      expect(aead.open(state.view, data.view, 32)).toBe(true);
      expect(state.untouched() && data.untouched()).toBe(true);
    });

    it("takes an empty text and no additional data", () => {
      const state = keyed(counting(aead.keyBytes));
      for (const [aad, text] of [
        [0, 0],
        [0, 20],
        [28, 0],
      ]) {
        const data = message(counting(aad), counting(aead.ivBytes), counting(text));
        aead.seal(state, data, aad);
        expect(aead.open(state, data, aad)).toBe(true);
        data[data.length - 1] ^= 1;
        expect(aead.open(state, data, aad)).toBe(false);
      }
    });

    it("refuses keys, states and messages of the wrong size", () => {
      const state = keyed(counting(aead.keyBytes));
      for (const delta of [-1, 1]) {
        const wrongState = new Uint8Array(aead.stateBytes + delta);
        expect(throwsForLength(() => aead.setKey(new Uint8Array(aead.keyBytes + delta), state))).toBe(true);
        expect(throwsForLength(() => aead.setKey(counting(aead.keyBytes), wrongState))).toBe(true);
        expect(throwsForLength(() => aead.seal(wrongState, sample(), 32))).toBe(true);
        expect(throwsForLength(() => aead.open(wrongState, sample(), 32))).toBe(true);
      }
      const least = aead.ivBytes + aead.icvBytes;
      for (const [length, ivAt] of [
        [least - 1, 0],
        [least, 1],
        [least, -1],
        [0, 0],
        [100, 101],
        [100, 2 ** 40],
      ]) {
        expect(throwsForLength(() => aead.seal(state, new Uint8Array(length), ivAt))).toBe(true);
        expect(throwsForLength(() => aead.open(state, new Uint8Array(length), ivAt))).toBe(true);
      }
    });

    it("agrees with node:crypto on any message", () => {
      const algorithm = nodeAead(id, keyBytes) as CipherCCMTypes;
      fc.assert(
        fc.property(
          exactly(aead.keyBytes),
          exactly(aead.ivBytes),
          anyOctets(60),
          fc.uint8Array({ minLength: 1, maxLength: 200 }),
          (key, iv, aad, text) => {
            const nonce = Uint8Array.from([...key.subarray(keyBytes), ...iv]);
            const oracle = createCipheriv(algorithm, key.subarray(0, keyBytes), nonce, { authTagLength: aead.icvBytes });
            oracle.setAAD(aad, { plaintextLength: text.length });
            const expected = Buffer.concat([aad, iv, oracle.update(text), oracle.final(), oracle.getAuthTag()]);
            const data = message(aad, iv, text);
            aead.seal(keyed(key), data, aad.length);
            return hex(data) === hex(expected);
          },
        ),
        { numRuns: 40 },
      );
    });
  });
}
