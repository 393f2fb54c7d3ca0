import { createHash, createPublicKey } from "node:crypto";
import { malformed, unusable } from "./octet-reader.js";
import type { OctetReader } from "./octet-reader.js";

/** A public key packet, RFC 4880 section 5.5.2. */
export interface PublicKeyPacket {
  readonly version: 3 | 4;
  /** Milliseconds since 1970. */
  readonly created: number;
  readonly until: number | undefined;
  /** RSA modulus and exponent. */
  readonly modulus: Uint8Array;
  readonly exponent: Uint8Array;
  /** MD5 of the numbers (version 3), or SHA-1 of the packet (version 4), section 12.2. */
  readonly digest: Uint8Array;
}

const RSA = 1;
const RSA_SIGN_ONLY = 3;
const DAY_MS = 86_400_000;

/** Reads what begins public and secret key packets. @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY */
export function readPublicKeyPacket(reader: OctetReader): PublicKeyPacket {
  const before = reader.rest();
  const version = reader.number(1, "version");
  if (version !== 3 && version !== 4) unusable(`keys of version ${version} are not supported`);
  const created = reader.number(4, "time of creation") * 1000;
  const days = version === 3 ? reader.number(2, "validity") : 0;
  const algorithm = reader.number(1, "algorithm");
  if (algorithm !== RSA && algorithm !== RSA_SIGN_ONLY) unusable(`it is no RSA key that signs, but of algorithm ${algorithm}`);
  const modulus = reader.mpi("modulus");
  const exponent = reader.mpi("exponent");
  if (modulus.length === 0 || exponent.length === 0) malformed("a number of its key is zero");
  const body = before.subarray(0, before.length - reader.rest().length);
  const until = days > 0 ? created + days * DAY_MS : undefined;
  const digest = version === 3 ? md5(modulus, exponent) : sha1(Uint8Array.of(0x99, body.length >> 8, body.length & 0xff), body);
  return { version, created, until, modulus, exponent, digest };
}

/** SubjectPublicKeyInfo of a key. @throws {DefinitionError} CYG_CERT_KEY */
export function publicKeyInfo({ modulus, exponent }: PublicKeyPacket): Uint8Array {
  try {
    const key = createPublicKey({ key: { kty: "RSA", n: base64Url(modulus), e: base64Url(exponent) }, format: "jwk" });
    return new Uint8Array(key.export({ format: "der", type: "spki" }));
  } catch {
    return unusable("its numbers are no RSA key");
  }
}

/** A number as it is in a JSON Web Key. */
export const base64Url = (octets: Uint8Array): string => Buffer.from(octets).toString("base64url");

const md5 = (...parts: readonly Uint8Array[]): Uint8Array => hash("md5", parts);
const sha1 = (...parts: readonly Uint8Array[]): Uint8Array => hash("sha1", parts);

function hash(name: string, parts: readonly Uint8Array[]): Uint8Array {
  const hasher = createHash(name);
  for (const part of parts) hasher.update(part);
  return new Uint8Array(hasher.digest());
}
