import { derOf, parsePrivateKey, spkiOf } from "@cygnet/x509";
import { createPublicKey } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { PkiError } from "../pki-error.js";
import type { Context } from "../pki-system.js";
import { readRequest } from "../x509/request.js";
import { certificateOf } from "./certificate.js";
import type { Input } from "./read-file.js";

/** Types of private keys as `--type` has them, any with `priv`; the others with the type that node:crypto has for them. */
export const PRIVATE_TYPES = ["priv", "rsa", "ecdsa", "ed25519", "ed448"] as const;
export type PrivateType = (typeof PRIVATE_TYPES)[number];

/** What a public key can be read from. */
export const PUBLIC_TYPES = [...PRIVATE_TYPES, "pub", "pkcs10", "x509"] as const;
export type PublicType = (typeof PUBLIC_TYPES)[number];

const OWN_TYPES: Readonly<Record<string, PrivateType>> = { rsa: "rsa", ec: "ecdsa", ed25519: "ed25519", ed448: "ed448" };
const REQUEST_LABELS = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];

/** A private key in PEM or DER; the user is asked for the passphrase of a locked one. @throws {PkiError} */
export async function privateKeyOf({ octets, name }: Input, type: PrivateType, { system }: Context): Promise<KeyObject> {
  let parsed = parsePrivateKey(octets);
  if (parsed.state === "encrypted") {
    const passphrase = await system.askPassphrase("Private key passphrase: ");
    if (passphrase !== undefined) parsed = parsePrivateKey(octets, passphrase);
    if (parsed.state === "encrypted") throw new PkiError(`${name}: the private key is locked, and that is not its passphrase`);
  }
  if (parsed.state !== "clear") throw new PkiError(`${name} is no private key`);
  const own = OWN_TYPES[parsed.key.asymmetricKeyType ?? ""];
  if (own === undefined) throw new PkiError(`${name}: keys of type ${parsed.key.asymmetricKeyType} are not supported`);
  if (type !== "priv" && own !== type) throw new PkiError(`${name} is a key of type ${own}, not ${type}`);
  return parsed.key;
}

/** A public key: itself, or that of a private key, a certificate or a request. @throws {PkiError} */
export async function publicKeyOf(input: Input, type: PublicType, context: Context): Promise<KeyObject> {
  switch (type) {
    case "x509":
      return certificateOf(input).publicKey;
    case "pkcs10":
      return requestOf(input).publicKey;
    case "pub":
      return barePublicKey(input);
    default:
      return createPublicKey(await privateKeyOf(input, type, context));
  }
}

/** @throws {PkiError} */
export function requestOf({ octets, name }: Input): ReturnType<typeof readRequest> {
  const der = derOf(octets, REQUEST_LABELS);
  if (der === undefined) throw new PkiError(`${name} has no certificate request`);
  return readRequest(der, name);
}

/** A SubjectPublicKeyInfo, or an RSAPublicKey of PKCS#1, RFC 8017 appendix A.1.1. */
function barePublicKey({ octets, name }: Input): KeyObject {
  const spki = derOf(octets, ["PUBLIC KEY"]);
  const pkcs1 = derOf(octets, ["RSA PUBLIC KEY"]);
  for (const [der, type] of [
    [spki, "spki"],
    [pkcs1, "pkcs1"],
  ] as const) {
    if (der === undefined) continue;
    try {
      return createPublicKey({ key: der, format: "der", type });
    } catch {
      // In the other encoding, perhaps.
    }
  }
  throw new PkiError(`${name} is no public key`);
}

/** Whether two keys, private or public, are halves of one pair. */
export function isSamePair(a: KeyObject, b: KeyObject): boolean {
  return spkiOf(a).equals(spkiOf(b));
}
