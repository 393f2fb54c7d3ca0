import { createPublicKey } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";
import { PkiError } from "../pki-error.js";

/** RFC 5656 section 10.1, by the name that JSON web keys have for the curve. */
const SSH_CURVES: Readonly<Record<string, string>> = { "P-256": "nistp256", "P-384": "nistp384", "P-521": "nistp521" };
const UNCOMPRESSED_POINT = 4;
const LONG_EXPONENT = 256;

/** The key of a DNSKEY record with RSA, RFC 3110 section 2. @throws {PkiError} for other keys */
export function dnsKey(key: KeyObject): Buffer {
  const { kty, n = "", e = "" } = publicNumbers(key);
  if (kty !== "RSA") throw new PkiError("dnskey is for RSA keys");
  const exponent = Buffer.from(e, "base64url");
  const length =
    exponent.length < LONG_EXPONENT ? Buffer.of(exponent.length) : Buffer.of(0, exponent.length >> 8, exponent.length & 0xff);
  return Buffer.concat([length, exponent, Buffer.from(n, "base64url")]);
}

/** The key of SSH: RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709 section 4. @throws {PkiError} for curves that SSH has not */
export function sshKey(key: KeyObject): Buffer {
  const { kty, crv = "", n = "", e = "", x = "", y = "" } = publicNumbers(key);
  const [first, second] = [Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
  if (kty === "RSA") return Buffer.concat([text("ssh-rsa"), multiple(e), multiple(n)]);
  if (kty === "OKP") return Buffer.concat([text(`ssh-${crv.toLowerCase()}`), counted(first)]);
  const curve = SSH_CURVES[crv];
  if (curve === undefined) throw new PkiError(`sshkey has no curve '${crv}'`);
  const point = Buffer.concat([Buffer.of(UNCOMPRESSED_POINT), first, second]);
  return Buffer.concat([text(`ecdsa-sha2-${curve}`), text(curve), counted(point)]);
}

function publicNumbers(key: KeyObject): JsonWebKey {
  return (key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" });
}

/** An mpint of RFC 4251 section 5: positive, so that an octet stands before a set highest bit. */
function multiple(number: string): Buffer {
  const octets = Buffer.from(number, "base64url");
  return counted(octets[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), octets]) : octets);
}

function text(value: string): Buffer {
  return counted(Buffer.from(value));
}

function counted(octets: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(octets.length);
  return Buffer.concat([length, octets]);
}
