import type { Crypter } from "@cygnet/plugin-api";
import fc from "fast-check";
import { createCipheriv } from "node:crypto";
import { describe, expect, it } from "vitest";
import { crypterVectors } from "@cygnet/crypto/vectors";
import { counting, embedded, exactly, hex, octets, throwsForLength } from "./octets.js";
import { nodeCipher } from "./oracle.js";

/**
 * @param id number of the encryption algorithm
 * @param keyBytes key size by which it is registered (without a nonce)
 */
export function describeCrypter(name: string, crypter: Crypter, id: number, keyBytes: number): void {
  describe(name, () => {
    const keyed = (key: Uint8Array): Uint8Array => {
      const state = new Uint8Array(crypter.stateBytes);
      crypter.setKey(key, state);
      return state;
    };
    const size = 5 * 16;

    it("gives the published ciphertexts and plaintexts", () => {
      const vectors = crypterVectors.filter(
        (vector) => vector.id === id && (vector.keyBytes ?? vector.key.length / 2) === keyBytes,
      );
      expect(vectors).not.toEqual([]);
      for (const { key, iv, plain, cipher, source } of vectors) {
        const state = keyed(octets(key));
        const data = octets(plain);
        crypter.encrypt(state, octets(iv), data);
        expect(hex(data), source).toBe(cipher);
        crypter.decrypt(state, octets(iv), data);
        expect(hex(data), source).toBe(plain);
      }
    });

    it("works in place on a view, and writes nothing else", () => {
      const state = embedded(keyed(counting(crypter.keyBytes)));
      const iv = embedded(counting(crypter.ivBytes));
      const data = embedded(counting(size));
      const plain = counting(size);
      crypter.encrypt(state.view, iv.view, data.view);
      const separate = counting(size);
      crypter.encrypt(keyed(counting(crypter.keyBytes)), counting(crypter.ivBytes), separate);
      expect(hex(data.view)).toBe(hex(separate));
      expect(hex(iv.view)).toBe(hex(counting(crypter.ivBytes)));
      crypter.decrypt(state.view, iv.view, data.view);
      expect(hex(data.view)).toBe(hex(plain));
      expect([state, iv, data].every((part) => part.untouched())).toBe(true);
    });

    it("keeps keys apart when they alternate", () => {
      const [a, b] = [keyed(counting(crypter.keyBytes)), keyed(new Uint8Array(crypter.keyBytes).fill(0x5b))];
      const iv = counting(crypter.ivBytes);
      const [forA, forB] = [counting(size), counting(size)];
      crypter.encrypt(a, iv, forA);
      crypter.encrypt(b, iv, forB);
      crypter.decrypt(a, iv, forA);
      crypter.decrypt(b, iv, forB);
      expect([hex(forA), hex(forB)]).toEqual([hex(counting(size)), hex(counting(size))]);
    });

    it("refuses keys, states, IVs and data of the wrong size", () => {
      const state = keyed(counting(crypter.keyBytes));
      const iv = counting(crypter.ivBytes);
      const wrongs = (length: number): Uint8Array[] =>
        [length - 1, length + 1].filter((n) => n >= 0).map((n) => new Uint8Array(n));
      const data = (): Uint8Array => counting(size);
      for (const key of wrongs(crypter.keyBytes)) expect(throwsForLength(() => crypter.setKey(key, state))).toBe(true);
      for (const wrong of wrongs(crypter.stateBytes)) {
        expect(throwsForLength(() => crypter.setKey(counting(crypter.keyBytes), wrong))).toBe(true);
        expect(throwsForLength(() => crypter.encrypt(wrong, iv, data()))).toBe(true);
        expect(throwsForLength(() => crypter.decrypt(wrong, iv, data()))).toBe(true);
      }
      for (const wrong of wrongs(crypter.ivBytes)) {
        expect(throwsForLength(() => crypter.encrypt(state, wrong, data()))).toBe(true);
        expect(throwsForLength(() => crypter.decrypt(state, wrong, data()))).toBe(true);
      }
      if (crypter.blockBytes > 1) {
        expect(throwsForLength(() => crypter.encrypt(state, iv, counting(crypter.blockBytes + 1)))).toBe(true);
        expect(throwsForLength(() => crypter.decrypt(state, iv, counting(crypter.blockBytes - 1)))).toBe(true);
      }
    });

    it("takes empty data", () => {
      const state = keyed(counting(crypter.keyBytes));
      crypter.encrypt(state, counting(crypter.ivBytes), new Uint8Array(0));
      crypter.decrypt(state, counting(crypter.ivBytes), new Uint8Array(0));
    });

    it("decrypts what it encrypted, for any data", () => {
      fc.assert(
        fc.property(exactly(crypter.keyBytes), exactly(crypter.ivBytes), fc.uint8Array({ maxLength: 300 }), (key, iv, raw) => {
          const plain = raw.slice(0, raw.length - (raw.length % crypter.blockBytes));
          const data = plain.slice();
          const state = keyed(key);
          crypter.encrypt(state, iv, data);
          crypter.decrypt(state, iv, data);
          return hex(data) === hex(plain);
        }),
        { numRuns: 60 },
      );
    });

    const algorithm = nodeCipher(id, keyBytes);
    if (algorithm !== undefined)
      it("agrees with node:crypto on any data", () => {
        fc.assert(
          fc.property(exactly(crypter.keyBytes), exactly(crypter.ivBytes), exactly(size), (key, iv, plain) => {
            // RFC 5930: the counter block is nonce | IV | 1.
            const nonce = key.subarray(keyBytes);
            const fullIv = nonce.length > 0 ? Uint8Array.from([...nonce, ...iv, 0, 0, 0, 1]) : iv;
            const oracle = createCipheriv(algorithm ?? "", key.subarray(0, keyBytes), crypter.ivBytes === 0 ? null : fullIv);
            oracle.setAutoPadding(false);
            const data = plain.slice();
            crypter.encrypt(keyed(key), iv, data);
            return hex(data) === hex(oracle.update(plain));
          }),
          { numRuns: 40 },
        );
      });
  });
}
