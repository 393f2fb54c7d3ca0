import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CertificateStore } from "@cygnet/ike";
import { keyProvider } from "@cygnet/plugin-openssl";
import { expect, it } from "vitest";

const VECTORS = join(import.meta.dirname, "vectors");
const der = (name: string): Uint8Array =>
  new Uint8Array(Buffer.from(readFileSync(join(VECTORS, name), "latin1").replaceAll(/-----[^-]+-----/g, ""), "base64"));

const KEPT = 64;

it("certificates that come again are not read again, and others take their place", () => {
  let read = 0;
  const counting = { ...keyProvider, isCertificate: (octets: Uint8Array) => (read++, keyProvider.isCertificate(octets)) };
  const store = new CertificateStore(() => counting);
  const leaf = store.read(der("leaf.pem"));
  expect(store.read(der("leaf.pem"))).toBe(leaf);
  expect(read).toBe(1);
  expect(store.read(der("root.pem"))).not.toBe(leaf);
  store.clear();
  expect(store.read(der("leaf.pem"))).not.toBe(leaf);
  expect(read).toBe(3);
});

it("what is no certificate is refused each time", () => {
  const store = new CertificateStore(() => keyProvider);
  const broken = der("leaf.pem").slice(0, -1);
  for (let i = 0; i < 2; i++) expect(() => store.read(broken)).toThrow(expect.objectContaining({ code: "CYG_CERT_SYNTAX" }));
});

it("public keys that come again are not read again, until so many others came", () => {
  const spki = (): Uint8Array => new Uint8Array(generateKeyPairSync("ed25519").publicKey.export({ format: "der", type: "spki" }));
  const [first, second] = [spki(), spki()];
  const key = keyProvider.publicKey(first)!;
  const other = keyProvider.publicKey(second);
  for (let i = 0; i < KEPT - 1; i++) {
    keyProvider.publicKey(spki());
    expect(keyProvider.publicKey(new Uint8Array(first))).toBe(key);
  }
  expect(keyProvider.publicKey(second)).not.toBe(other);
  expect(keyProvider.publicKey(Uint8Array.of(1))).toBeUndefined();
});
