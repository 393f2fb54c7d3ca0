import { encryptionName } from "@cygnet/plugin-api";
import type { Aead } from "@cygnet/plugin-api";
import { EncryptionAlgorithm as Encryption } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { allProviders } from "./providers.js";
import { Findings, hexOf, octets, vectorsOf } from "./vectors.js";
import type { WycheproofGroup, WycheproofTest } from "./vectors.js";

const registry = allProviders();
/** With the octets of the nonce that are the salt; a truncated ICV of CCM is no part of the long one. */
const AEADS: readonly (readonly [id: number, file: string, saltBytes: number])[] = [
  [Encryption.ENCR_AES_GCM_ICV16, "aes_gcm", 4],
  [Encryption.ENCR_AES_GCM_ICV12, "aes_gcm", 4],
  [Encryption.ENCR_AES_GCM_ICV8, "aes_gcm", 4],
  [Encryption.ENCR_AES_CCM_ICV16, "aes_ccm", 3],
  [Encryption.ENCR_CHACHA20_POLY1305, "chacha20_poly1305", 4],
];

/** Whether a nonce of IKE and ESP, salt and IV of 8 octets, and a full tag are in the group. */
const fits = ({ ivSize = 0, keySize = 0, tagSize = 0 }: WycheproofGroup, keyBytes: number, saltBytes: number): boolean =>
  ivSize === (saltBytes + 8) * 8 && keySize === keyBytes * 8 && tagSize === 128;

/** Seals and opens as the vector says; one that is forged stays as it is. */
function behaves(
  aead: Aead,
  { key = "", iv = "", aad = "", msg = "", ct = "", tag = "", result }: WycheproofTest,
  saltBytes: number,
): boolean {
  const state = new Uint8Array(aead.stateBytes);
  const salt = iv.slice(0, 2 * saltBytes);
  aead.setKey(octets(key + salt), state);
  const head = aad + iv.slice(salt.length);
  const ivAt = aad.length / 2;
  const sealed = octets(head + ct + tag.slice(0, 2 * aead.icvBytes));
  const message = sealed.slice();
  const isOpened = aead.open(state, message, ivAt);
  if (result === "invalid") return !isOpened && hexOf(message) === hexOf(sealed);
  const plain = octets(head + msg + "00".repeat(aead.icvBytes));
  const textEnd = plain.length - aead.icvBytes;
  if (!isOpened || hexOf(message.subarray(0, textEnd)) !== hexOf(plain.subarray(0, textEnd))) return false;
  aead.seal(state, plain, ivAt);
  return hexOf(plain) === hexOf(sealed);
}

describe.each(AEADS)("the providers of AEAD %i", (id, file, saltBytes) => {
  const providers = registry.aeads.filter((entry) => entry.id === id);
  it("are there", () => expect(providers).not.toEqual([]));

  it.each(providers)(`of $plugin with $keyBytes octets of key do what ${file} says`, ({ algorithm, keyBytes }) => {
    const findings = new Findings();
    for (const group of vectorsOf(file).filter((candidate) => fits(candidate, keyBytes, saltBytes))) {
      for (const test of group.tests) {
        // What is wrong with a tag may be behind the end of a shorter one.
        if (test.result === "invalid" && algorithm.icvBytes < 16) continue;
        findings.note(test, behaves(algorithm, test, saltBytes));
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.ran, encryptionName(id)).toBeGreaterThan(0);
  });
});

describe("the providers of AES-CBC", () => {
  const providers = registry.crypters.filter(({ id }) => id === Encryption.ENCR_AES_CBC);
  it("are there", () => expect(providers).not.toEqual([]));

  it.each(providers)("of $plugin with $keyBytes octets of key encrypt and decrypt", ({ algorithm, keyBytes }) => {
    const findings = new Findings();
    for (const group of vectorsOf("aes_cbc_pkcs5").filter(({ keySize }) => keySize === keyBytes * 8)) {
      // Padding is IKE's and ESP's own business, so that what is wrong with that of PKCS #5 says nothing.
      for (const test of group.tests.filter(({ result }) => result === "valid")) {
        const { key = "", iv = "", msg = "", ct = "" } = test;
        const state = new Uint8Array(algorithm.stateBytes);
        algorithm.setKey(octets(key), state);
        const padding = 16 - ((msg.length / 2) % 16);
        const plain = msg + padding.toString(16).padStart(2, "0").repeat(padding);
        const data = octets(plain);
        algorithm.encrypt(state, octets(iv), data);
        const isRight = hexOf(data) === ct;
        algorithm.decrypt(state, octets(iv), data);
        findings.note(test, isRight && hexOf(data) === plain);
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.ran).toBeGreaterThan(0);
  });
});
