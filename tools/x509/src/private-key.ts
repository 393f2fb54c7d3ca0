import { createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** What a file of a private key is: readable, locked by a passphrase, or neither. */
export type ParsedKey = { readonly state: "clear"; readonly key: KeyObject } | { readonly state: "encrypted" | "unknown" };

const PEM = "-----BEGIN ";

/** Reads a private key, in PEM or DER, in PKCS#1, SEC 1 or PKCS#8 (RFC 5958), also encrypted. */
export function parsePrivateKey(octets: Buffer, passphrase?: string): ParsedKey {
  const text = octets.toString("latin1");
  if (text.includes(PEM)) {
    const key = attempt(() => createPrivateKey({ key: octets, passphrase }));
    if (key !== undefined) return { state: "clear", key };
    return { state: text.includes("ENCRYPTED") ? "encrypted" : "unknown" };
  }
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    const key = attempt(() => createPrivateKey({ key: octets, format: "der", type, passphrase }));
    if (key !== undefined) return { state: "clear", key };
  }
  return { state: isEncryptedDer(octets) ? "encrypted" : "unknown" };
}

/** EncryptedPrivateKeyInfo begins with two SEQUENCEs, where the others begin with a version. */
function isEncryptedDer(octets: Buffer): boolean {
  if (octets[0] !== 0x30) return false;
  const lengthOctets = octets[1]! < 0x80 ? 1 : 1 + (octets[1]! & 0x7f);
  return octets[1 + lengthOctets] === 0x30;
}

function attempt(parse: () => KeyObject): KeyObject | undefined {
  try {
    return parse();
  } catch {
    // Of whatever reason: the caller asks whether it is encrypted.
    return undefined;
  }
}
