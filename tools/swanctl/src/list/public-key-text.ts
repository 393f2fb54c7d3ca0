import { createHash, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { children, octetsOf, parseDer } from "./der.js";

/** A SubjectPublicKeyInfo: type and size, and the SHA-1 of all of it and of the key alone. */
export function publicKeyLines(spki: Buffer, hasPrivateKey: boolean): string[] {
  return [
    `  pubkey:    ${keyText(createPublicKey({ key: spki, format: "der", type: "spki" }))}${hasPrivateKey ? ", has private key" : ""}`,
    `  keyid:     ${colons(sha1(spki))}`,
    `  subjkey:   ${subjectKeyHash(spki)}`,
  ];
}

/** The SHA-1 of the key alone, which is the subject key identifier of most certificates (RFC 5280 section 4.2.1.2). */
export function subjectKeyHash(spki: Buffer): string {
  return colons(sha1(octetsOf(children(parseDer(spki))[1]!).subarray(1)));
}

/** Octets in hex with colons between them. */
export function colons(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join(":");
}

function keyText(key: KeyObject): string {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === "rsa") return `RSA ${details?.modulusLength ?? 0} bits`;
  if (type === "ec") return `ECDSA ${curveBits(details?.namedCurve ?? "")} bits`;
  if (type === "ed25519") return "ED25519 256 bits";
  return type === "ed448" ? "ED448 456 bits" : (type ?? "unknown").toUpperCase();
}

/** The curve's size is in its name: prime256v1, secp384r1, brainpoolP512r1. */
function curveBits(name: string): string {
  return /\d{3}/.exec(name)?.[0] ?? name;
}

function sha1(octets: Uint8Array): Uint8Array {
  return createHash("sha1").update(octets).digest();
}
