import type { EcdsaEncoding, SignatureParameters } from "@cygnet/plugin-api";
import { expect, it } from "vitest";
import { allProviders } from "./providers.js";
import { Findings, octets, vectorsOf } from "./vectors.js";

const keys = allProviders().keyProvider();
const FILES = [
  "ecdsa_secp256r1_sha256",
  "ecdsa_secp256r1_sha256_p1363",
  "ecdsa_secp384r1_sha384",
  "ecdsa_secp384r1_sha384_p1363",
  "ecdsa_secp521r1_sha512",
  "ecdsa_secp521r1_sha512_p1363",
  "eddsa",
  "ed448",
  "rsa_signature_2048_sha256",
  "rsa_signature_3072_sha384",
  "rsa_signature_4096_sha512",
  "rsa_pss_2048_sha1_mgf1_20",
  "rsa_pss_2048_sha256_mgf1_32",
  "rsa_pss_4096_sha512_mgf1_32",
];

/** `SHA-256` in our words. */
const digestOf = (sha: string | undefined): SignatureParameters["digest"] =>
  sha?.replace("-", "").toLowerCase() as SignatureParameters["digest"];

it.each(FILES)("signatures are right and wrong as %s says", (file) => {
  const encoding: EcdsaEncoding = file.endsWith("_p1363") ? "ieee-p1363" : "der";
  const findings = new Findings();
  for (const { keyDer = "", sha, sLen = 0, tests } of vectorsOf(file)) {
    const key = keys.publicKey(octets(keyDer));
    const parameters: SignatureParameters = { digest: digestOf(sha), saltBytes: sLen };
    for (const test of tests) {
      const { msg = "", sig = "", result } = test;
      const isRight = key?.verify(parameters, octets(msg), octets(sig), encoding) === true;
      findings.note(test, result === "acceptable" || isRight === (result === "valid"));
    }
  }
  expect(findings.wrong).toEqual([]);
  expect(findings.ran).toBeGreaterThan(5);
});
