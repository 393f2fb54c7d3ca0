import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { certificateText, crlText, derOf, parseDer, pemText, privateKeyLines, publicKeyLines, spkiOf } from "../src/index.js";

/** Made by openssl 3.0 and strongSwan's pki 5.9.8; the texts are what `pki --print` said of them at that time. */
const VECTORS = join(import.meta.dirname, "vectors");
const STYLE = { isUtc: false, isShort: false, now: 1795761655_000 };

function vector(name: string): Buffer {
  return derOf(readFileSync(join(VECTORS, `${name}.pem`)), ["CERTIFICATE", "X509 CRL"])!;
}

/** The vectors' times are those of UTC, the texts have local ones. */
function expected(name: string): string {
  return readFileSync(join(VECTORS, `${name}.txt`), "utf8").replaceAll(/([A-Z][a-z]{2} \d\d [\d:]{8}) (\d{4})/g, "$1 UTC $2");
}

describe("as strongSwan's pki prints them", () => {
  it.each(["authority", "openssl", "self-issued", "version1"])("certificate %s", (name) => {
    expect(certificateText(vector(name), false, { ...STYLE, isUtc: true })).toBe(expected(name));
  });

  it.each(["revoked.crl", "delta.crl"])("%s", (name) => {
    expect(crlText(vector(name), { ...STYLE, isUtc: true })).toBe(expected(name));
  });
});

it("what is in few lines leaves the details out", () => {
  const text = certificateText(vector("authority"), true, { ...STYLE, isShort: true });
  expect(text).not.toContain("flags:");
  expect(text).toContain(", has private key");
  expect(crlText(vector("revoked.crl"), { ...STYLE, isShort: true })).toMatch(/4 revoked certificates\n$/);
});

it.each([
  ["rsa", { modulusLength: 1024 }, "RSA 1024 bits"],
  ["ec", { namedCurve: "secp521r1" }, "ECDSA 521 bits"],
  ["ed25519", {}, "ED25519 256 bits"],
  ["ed448", {}, "ED448 456 bits"],
] as const)("a private key of %s is shown without what is secret", (type, options, text) => {
  const { privateKey } = generateKeyPairSync(type as "rsa", options as { modulusLength: number });
  const [line, ...ids] = privateKeyLines(privateKey);
  expect(line).toBe(`  privkey:   ${text}`);
  expect(publicKeyLines(spkiOf(privateKey))).toEqual([`  pubkey:    ${text}`, ...ids]);
});

it("no octets make more than an error", () => {
  const whole = vector("authority");
  for (let size = 0; size < whole.length; size += 7)
    expect(() => certificateText(whole.subarray(0, size), false, STYLE)).toThrow(Error);
  expect(() => crlText(whole, STYLE)).toThrow(Error);
  expect(() => certificateText(vector("delta.crl"), false, STYLE)).toThrow(Error);
});

it("PEM is found behind other text, by its label", () => {
  const octets = Buffer.from("3000", "hex");
  const text = `subject=/CN=x\n${pemText("EC PARAMETERS", Buffer.of(1))}${pemText("CERTIFICATE", octets)}`;
  expect(derOf(Buffer.from(text), ["CERTIFICATE"])).toEqual(octets);
  expect(derOf(Buffer.from(text), ["X509 CRL"])).toBeUndefined();
  expect(derOf(octets, ["CERTIFICATE"])).toEqual(octets);
  expect(parseDer(octets).value).toEqual([]);
});

it("a private key's SubjectPublicKeyInfo is that of its public key", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  expect(createPublicKey({ key: spkiOf(privateKey), format: "der", type: "spki" }).equals(publicKey)).toBe(true);
  expect(spkiOf(publicKey)).toEqual(spkiOf(createPrivateKey(privateKey.export({ format: "pem", type: "pkcs8" }))));
});
