import { createHash } from "node:crypto";
import { malformed, unusable } from "./octet-reader.js";
import type { OctetReader } from "./octet-reader.js";

/** Hashes by number, RFC 4880 section 9.4. */
const HASHES: Readonly<Record<number, string>> = {
  1: "md5",
  2: "sha1",
  3: "ripemd160",
  8: "sha256",
  9: "sha384",
  10: "sha512",
  11: "sha224",
};

const SALT_OCTETS = 8;
/** Octets that are hashed at a time where a salt and passphrase are repeated. */
const PIECE_OCTETS = 65_536;

/** How a key is made of a passphrase, RFC 4880 section 3.7. */
export interface StringToKey {
  readonly hash: string;
  readonly salt: Uint8Array;
  /** Octets that are hashed, unless salt and passphrase together are more. */
  readonly count: number;
}

/** @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY */
export function readStringToKey(reader: OctetReader): StringToKey {
  const type = reader.number(1, "string-to-key");
  // GnuPG's own type stands for a key that is elsewhere.
  if (type !== 0 && type !== 1 && type !== 3) unusable(`string-to-key ${type} is not supported`);
  const hash = HASHES[reader.number(1, "string-to-key")];
  if (hash === undefined) unusable("its hash is not supported");
  const salt = type === 0 ? new Uint8Array(0) : reader.take(SALT_OCTETS, "salt");
  const coded = type === 3 ? reader.number(1, "count") : undefined;
  return { hash, salt, count: coded === undefined ? 0 : (16 + (coded & 15)) << ((coded >> 4) + 6) };
}

/** @param octets how long the key is @returns the key, the caller's to zero */
export function keyOf(passphrase: Uint8Array, { hash, salt, count }: StringToKey, octets: number): Uint8Array {
  const once = Buffer.concat([salt, passphrase]);
  if (once.length === 0) malformed("it has a passphrase, and none is given");
  const piece = repeated(once, Math.max(once.length, PIECE_OCTETS - (PIECE_OCTETS % once.length)));
  const key = new Uint8Array(octets);
  try {
    let preload = 0;
    for (let at = 0; at < octets; preload++) {
      const hasher = createHash(hash);
      hasher.update(new Uint8Array(preload));
      for (let left = Math.max(count, once.length); left > 0; left -= piece.length)
        hasher.update(piece.subarray(0, Math.min(left, piece.length)));
      const digest = hasher.digest();
      key.set(digest.subarray(0, octets - at), at);
      at += digest.length;
    }
    return key;
  } finally {
    once.fill(0);
    piece.fill(0);
  }
}

function repeated(octets: Uint8Array, length: number): Uint8Array {
  const all = new Uint8Array(length);
  for (let at = 0; at < length; at += octets.length) all.set(octets, at);
  return all;
}
