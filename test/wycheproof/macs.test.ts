import { integrityName, prfName } from "@cygnet/plugin-api";
import { IntegrityAlgorithm as Integrity, PseudoRandomFunction as PrfId } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { allProviders } from "./providers.js";
import { Findings, hexOf, octets, vectorsOf } from "./vectors.js";

const registry = allProviders();
const PRFS: readonly (readonly [id: number, file: string])[] = [
  [PrfId.PRF_HMAC_SHA1, "hmac_sha1"],
  [PrfId.PRF_HMAC_SHA2_256, "hmac_sha256"],
  [PrfId.PRF_HMAC_SHA2_384, "hmac_sha384"],
  [PrfId.PRF_HMAC_SHA2_512, "hmac_sha512"],
  [PrfId.PRF_AES128_CMAC, "aes_cmac"],
];
const SIGNERS: readonly (readonly [id: number, file: string])[] = [
  [Integrity.AUTH_HMAC_SHA1_96, "hmac_sha1"],
  [Integrity.AUTH_HMAC_SHA1_128, "hmac_sha1"],
  [Integrity.AUTH_HMAC_SHA1_160, "hmac_sha1"],
  [Integrity.AUTH_HMAC_SHA2_256_128, "hmac_sha256"],
  [Integrity.AUTH_HMAC_SHA2_256_256, "hmac_sha256"],
  [Integrity.AUTH_HMAC_SHA2_384_192, "hmac_sha384"],
  [Integrity.AUTH_HMAC_SHA2_384_384, "hmac_sha384"],
  [Integrity.AUTH_HMAC_SHA2_512_256, "hmac_sha512"],
  [Integrity.AUTH_HMAC_SHA2_512_512, "hmac_sha512"],
  [Integrity.AUTH_AES_CMAC_96, "aes_cmac"],
];
const bytesOf = (hex: string): number => hex.length / 2;

describe.each(PRFS)("the providers of PRF %i", (id, file) => {
  const providers = registry.prfs.filter((entry) => entry.id === id);
  it("are there", () => expect(providers, prfName(id)).not.toEqual([]));

  it.each(providers)(`of $plugin compute what ${file} says, with keys of any size`, ({ algorithm }) => {
    const findings = new Findings();
    for (const group of vectorsOf(file)) {
      for (const test of group.tests.filter(({ result }) => result === "valid")) {
        const { key = "", msg = "", tag = "" } = test;
        // RFC 4615 hashes keys of another size than 16 octets before use, which the vectors of CMAC itself do not.
        if (id === PrfId.PRF_AES128_CMAC && bytesOf(key) !== 16) continue;
        const state = new Uint8Array(algorithm.stateBytes);
        algorithm.setKey(octets(key), state);
        const out = new Uint8Array(algorithm.outputBytes);
        algorithm.compute(state, octets(msg), out);
        findings.note(test, hexOf(out).startsWith(tag));
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.ran).toBeGreaterThan(0);
  });
});

describe.each(SIGNERS)("the providers of integrity algorithm %i", (id, file) => {
  const providers = registry.signers.filter((entry) => entry.id === id);
  it("are there", () => expect(providers, integrityName(id)).not.toEqual([]));

  it.each(providers)(`of $plugin sign and refuse as ${file} says`, ({ algorithm }) => {
    const findings = new Findings();
    for (const group of vectorsOf(file).filter(({ keySize }) => keySize === algorithm.keyBytes * 8)) {
      for (const test of group.tests) {
        const { key = "", msg = "", tag = "", result } = test;
        const isWhole = bytesOf(tag) === algorithm.icvBytes;
        // What is wrong with a tag may be behind the end of a shorter one.
        if (result === "invalid" ? !isWhole : bytesOf(tag) < algorithm.icvBytes) continue;
        const state = new Uint8Array(algorithm.stateBytes);
        algorithm.setKey(octets(key), state);
        const icv = octets(tag).subarray(0, algorithm.icvBytes);
        const isVerified = algorithm.verify(state, octets(msg), icv);
        const own = new Uint8Array(algorithm.icvBytes);
        algorithm.sign(state, octets(msg), own);
        const isEqual = hexOf(own) === hexOf(icv);
        findings.note(test, result === "invalid" ? !isVerified && !isEqual : isVerified && isEqual);
      }
    }
    expect(findings.wrong).toEqual([]);
    expect(findings.ran).toBeGreaterThan(0);
  });
});
