import { createCipheriv, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ComposedAead, composedAead } from "../src/index.js";
import { nodeAesCbc, nodeSigner } from "./support/node-algorithms.js";

const crypter = nodeAesCbc(16);
const signer = nodeSigner("sha1", 20, 12);
const aead = new ComposedAead(crypter, signer);
const key = Uint8Array.from({ length: 36 }, (_, i) => i * 3);
const state = new Uint8Array(aead.stateBytes);
aead.setKey(key, state);

const message = (aadBytes: number, textBytes: number): Uint8Array =>
  Uint8Array.from({ length: aadBytes + 16 + textBytes + 12 }, (_, i) => i & 0xff);

describe("ComposedAead", () => {
  it("has the sizes of its parts", () => {
    expect(aead).toMatchObject({ keyBytes: 36, ivBytes: 16, icvBytes: 12, blockBytes: 16, ivKind: "random" });
  });

  it("encrypts the text, then signs AAD, IV and ciphertext", () => {
    const sealed = message(32, 48);
    const plain = sealed.slice();
    aead.seal(state, sealed, 32);
    const cipher = createCipheriv("aes-128-cbc", key.subarray(0, 16), plain.subarray(32, 48)).setAutoPadding(false);
    const expected = Buffer.concat([plain.subarray(0, 48), cipher.update(plain.subarray(48, 96))]);
    const icv = createHmac("sha1", key.subarray(16)).update(expected).digest().subarray(0, 12);
    expect(sealed).toEqual(Uint8Array.from(Buffer.concat([expected, icv])));
  });

  it("opens what it sealed, of any size, in any order", () => {
    const sizes = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 300 }));
    fc.assert(
      fc.property(fc.array(sizes, { minLength: 1, maxLength: 8 }), (list) => {
        const messages = list.map(([aad, blocks]) => ({ aad, bytes: message(aad, 16 * blocks) }));
        const sealed = messages.map(({ aad, bytes }) => {
          const copy = bytes.slice();
          aead.seal(state, copy, aad);
          return copy;
        });
        messages.forEach(({ aad, bytes }, i) => {
          expect(aead.open(state, sealed[i], aad)).toBe(true);
          const end = bytes.length - 12;
          expect(sealed[i].subarray(0, end)).toEqual(bytes.subarray(0, end));
        });
      }),
      { numRuns: 100 },
    );
  });

  it("refuses every single-bit change and leaves the message as it was", () => {
    const sealed = message(8, 32);
    aead.seal(state, sealed, 8);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const forged = sealed.slice();
      forged[bit >> 3] ^= 1 << (bit & 7);
      const before = forged.slice();
      expect(aead.open(state, forged, 8)).toBe(false);
      expect(forged).toEqual(before);
    }
  });

  it("verifies before it decrypts", () => {
    let decrypted = 0;
    const watched = { ...crypter, decrypt: () => void decrypted++ };
    const careful = new ComposedAead(watched, signer);
    expect(careful.open(state, message(8, 32), 8)).toBe(false);
    expect(decrypted).toBe(0);
  });

  it("refuses messages that are too short or no multiple of the block, and throws when asked to make one", () => {
    expect(aead.open(state, new Uint8Array(20), 0)).toBe(false);
    expect(aead.open(state, new Uint8Array(8 + 16 + 17 + 12), 8)).toBe(false);
    expect(() => aead.seal(state, new Uint8Array(20), 0)).toThrow("too short");
    expect(() => aead.seal(state, new Uint8Array(8 + 16 + 17 + 12), 8)).toThrow("not padded");
  });

  it("is one object per pair of providers", () => {
    expect(composedAead(crypter, signer)).toBe(composedAead(crypter, signer));
    expect(composedAead(crypter, signer)).not.toBe(composedAead(nodeAesCbc(16), signer));
  });
});
