import { nameOf } from "./names.js";

/**
 * Hash algorithms of the SIGNATURE_HASH_ALGORITHMS notify, RFC 7427 section 7; 1024 up are strongSwan's numbers for hashes that
 * have none there.
 */
export enum HashAlgorithm {
  SHA1 = 1,
  SHA256 = 2,
  SHA384 = 3,
  SHA512 = 4,
  IDENTITY = 5,
  UNKNOWN = 1024,
  MD4 = 1025,
  MD5 = 1026,
  SHA224 = 1027,
  SHA3_224 = 1028,
  SHA3_256 = 1029,
  SHA3_384 = 1030,
  SHA3_512 = 1031,
}

const NAMES: Readonly<Record<number, string>> = {
  1: "HASH_SHA1",
  2: "HASH_SHA2_256",
  3: "HASH_SHA2_384",
  4: "HASH_SHA2_512",
  5: "HASH_IDENTITY",
  1024: "HASH_UNKNOWN",
  1025: "HASH_MD4",
  1026: "HASH_MD5",
  1027: "HASH_SHA2_224",
  1028: "HASH_SHA3_224",
  1029: "HASH_SHA3_256",
  1030: "HASH_SHA3_384",
  1031: "HASH_SHA3_512",
};

/** Name of a hash as log lines print it, such as `HASH_SHA2_256`; `(99)` for an unknown one. */
export function hashAlgorithmName(value: number): string {
  return nameOf(NAMES, value);
}
