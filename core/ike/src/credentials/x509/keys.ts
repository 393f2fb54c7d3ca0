import { DefinitionError } from "@cygnet/plugin-api";
import type { KeyKind, KeyProvider, SigningKey, VerifyingKey } from "@cygnet/plugin-api";
import { DerReader } from "./der-reader.js";

/** A public key with the two identifiers it goes by. */
export interface PublicKey {
  readonly key: VerifyingKey;
  readonly kind: KeyKind;
  readonly bits: number;
  /** SHA-1 of the SubjectPublicKeyInfo in hex, what CERTREQ names authorities with (RFC 7296 section 3.7). */
  readonly keyId: string;
  /** SHA-1 of the key in it, the usual subjectKeyIdentifier (RFC 5280 section 4.2.1.2). */
  readonly subjectKeyId: string;
  /** The key in it by a hash, in hex. */
  keyHash(hash: "sha1" | "sha256"): string;
}

/** A private key with its public half. */
export interface PrivateKey {
  readonly key: SigningKey;
  readonly publicKey: PublicKey;
}

/** Verifying with larger keys would hold others up, and whoever sends a certificate chooses the size. */
const MAX_BITS = 8192;

/**
 * Reads a DER SubjectPublicKeyInfo.
 * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY for a key of another kind than we verify with
 */
export function readPublicKey(spki: Uint8Array, keys: KeyProvider, what: string): PublicKey {
  const reader = new DerReader(spki, what).enter();
  reader.raw();
  const bits = reader.bitString();
  const key = keys.publicKey(spki);
  if (!key) throw new DefinitionError("CYG_CERT_KEY", what, "its public key is malformed or of a kind that is not supported");
  if (key.bits > MAX_BITS) throw new DefinitionError("CYG_CERT_KEY", what, `its key has ${key.bits} bits, more than ${MAX_BITS}`);
  const keyId = keys.fingerprint("sha1", spki);
  const keyHash = (hash: "sha1" | "sha256"): string => keys.fingerprint(hash, bits);
  return { key, kind: key.kind, bits: key.bits, keyId, subjectKeyId: keyHash("sha1"), keyHash };
}

/**
 * Reads PKCS#1, SEC 1 or PKCS#8, in PEM or DER, encrypted or not.
 * @throws {DefinitionError} CYG_CERT_KEY, which tells nothing of the key or its passphrase
 */
export function readPrivateKey(data: Uint8Array, keys: KeyProvider, what: string, passphrase?: Uint8Array): PrivateKey {
  const key = keys.privateKey(data, passphrase);
  if (!key) throw new DefinitionError("CYG_CERT_KEY", what, "it is no private key, or the passphrase is wrong");
  return { key, publicKey: readPublicKey(key.publicKey, keys, what) };
}
