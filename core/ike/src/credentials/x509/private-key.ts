import { createPrivateKey, createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { DefinitionError } from "@cygnet/plugin-api";
import { isPem } from "./pem.js";
import { readPublicKey } from "./public-key.js";
import type { PublicKey } from "./public-key.js";

/** A private key with its public half. */
export interface PrivateKey {
  readonly key: KeyObject;
  readonly publicKey: PublicKey;
}

/**
 * Reads PKCS#1, SEC 1 or PKCS#8, in PEM or DER, encrypted or not.
 * @throws {DefinitionError} CYG_CERT_KEY, which tells nothing of the key or its passphrase
 */
export function readPrivateKey(data: Uint8Array, what: string, passphrase?: Uint8Array): PrivateKey {
  const key = parse(Buffer.from(data), passphrase && Buffer.from(passphrase));
  if (!key) throw new DefinitionError("CYG_CERT_KEY", what, "it is no private key, or the passphrase is wrong");
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return { key, publicKey: readPublicKey(spki, what) };
}

function parse(data: Buffer, passphrase: Buffer | undefined): KeyObject | undefined {
  const secret = passphrase ? { passphrase } : {};
  if (isPem(data)) return attempt(() => createPrivateKey({ key: data, format: "pem", ...secret }));
  for (const type of ["pkcs8", "pkcs1", "sec1"] as const) {
    const key = attempt(() => createPrivateKey({ key: data, format: "der", type, ...secret }));
    if (key) return key;
  }
  return undefined;
}

/** OpenSSL's reasons tell an operator little, and may tell something of the key. */
function attempt(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
