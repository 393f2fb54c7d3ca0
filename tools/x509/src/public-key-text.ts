import { createHash, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { children, octetsOf, parseDer } from "./der.js";

/** A SubjectPublicKeyInfo: type and size, and the SHA-1 of all of it and of the key alone. @throws {Error} for what is none */
export function publicKeyLines(spki: Buffer, hasPrivateKey = false): string[] {
  return [`  pubkey:    ${keyText(publicKeyOf(spki))}${hasPrivateKey ? ", has private key" : ""}`, ...hashLines(spki)];
}

/** The same of a private key, of which nothing secret is shown. */
export function privateKeyLines(key: KeyObject): string[] {
  return [`  privkey:   ${keyText(key)}`, ...hashLines(spkiOf(key))];
}

/** The SubjectPublicKeyInfo of a private or public key. */
export function spkiOf(key: KeyObject): Buffer {
  return (key.type === "private" ? createPublicKey(key) : key).export({ format: "der", type: "spki" });
}

/** The SHA-1 of the key alone, which is the subject key identifier of most certificates (RFC 5280 section 4.2.1.2). */
export function subjectKeyHash(spki: Buffer): Buffer {
  return sha1(octetsOf(children(parseDer(spki))[1]!).subarray(1));
}

/** The SHA-1 of all of a SubjectPublicKeyInfo. */
export function publicKeyHash(spki: Buffer): Buffer {
  return sha1(spki);
}

/** Octets in hex with colons between them. */
export function colons(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(":");
}

function keyText(key: KeyObject): string {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "rsa" || type === "rsa-pss") return `RSA ${details?.modulusLength ?? 0} bits`;
  if (type === "ec") return `ECDSA ${curveBits(details?.namedCurve ?? "")} bits`;
  if (type === "ed25519") return "ED25519 256 bits";
  return type === "ed448" ? "ED448 456 bits" : (type ?? "unknown").toUpperCase();
}

/** The curve's size is in its name: prime256v1, secp384r1, brainpoolP512r1. */
function curveBits(name: string): string {
  return /\d{3}/.exec(name)?.[0] ?? name;
}

function publicKeyOf(spki: Buffer): KeyObject {
  return createPublicKey({ key: spki, format: "der", type: "spki" });
}

function hashLines(spki: Buffer): string[] {
  return [`  keyid:     ${colons(publicKeyHash(spki))}`, `  subjkey:   ${colons(subjectKeyHash(spki))}`];
}

function sha1(octets: Uint8Array): Buffer {
  return createHash("sha1").update(octets).digest();
}
