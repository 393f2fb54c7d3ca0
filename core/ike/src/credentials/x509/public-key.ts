import { createHash, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { DefinitionError } from "@cygnet/plugin-api";
import { DerReader } from "./der-reader.js";
import { keyBits, kindOf } from "./signature-scheme.js";
import type { KeyKind } from "./signature-scheme.js";

/** A public key with the two identifiers it goes by. */
export interface PublicKey {
  readonly key: KeyObject;
  readonly kind: KeyKind;
  readonly bits: number;
  /** SHA-1 of the SubjectPublicKeyInfo in hex, what CERTREQ names authorities with (RFC 7296 section 3.7). */
  readonly keyId: string;
  /** SHA-1 of the key in it, the usual subjectKeyIdentifier (RFC 5280 section 4.2.1.2). */
  readonly subjectKeyId: string;
}

/**
 * Reads a DER SubjectPublicKeyInfo.
 * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY for a key of another kind than we verify with
 */
export function readPublicKey(spki: Uint8Array, what: string): PublicKey {
  const reader = new DerReader(spki, what).enter();
  reader.raw();
  const bits = reader.bitString();
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
  } catch (cause) {
    throw new DefinitionError("CYG_CERT_KEY", what, "its public key cannot be read", { cause });
  }
  const kind = kindOf(key);
  if (!kind) throw new DefinitionError("CYG_CERT_KEY", what, `keys of type ${key.asymmetricKeyType} are not supported`);
  return { key, kind, bits: keyBits(key), keyId: sha1(spki), subjectKeyId: sha1(bits) };
}

export const sha1 = (octets: Uint8Array): string => createHash("sha1").update(octets).digest("hex");
