import { nameOf } from "./names.js";

/** Integrity algorithms (transform type 3), IANA registry; 1024 up are strongSwan's private use numbers. */
export enum IntegrityAlgorithm {
  AUTH_NONE = 0,
  AUTH_HMAC_MD5_96 = 1,
  AUTH_HMAC_SHA1_96 = 2,
  AUTH_DES_MAC = 3,
  AUTH_KPDK_MD5 = 4,
  AUTH_AES_XCBC_96 = 5,
  AUTH_HMAC_MD5_128 = 6,
  AUTH_HMAC_SHA1_160 = 7,
  AUTH_AES_CMAC_96 = 8,
  AUTH_AES_128_GMAC = 9,
  AUTH_AES_192_GMAC = 10,
  AUTH_AES_256_GMAC = 11,
  AUTH_HMAC_SHA2_256_128 = 12,
  AUTH_HMAC_SHA2_384_192 = 13,
  AUTH_HMAC_SHA2_512_256 = 14,
  AUTH_UNDEFINED = 1024,
  AUTH_HMAC_SHA1_128 = 1025,
  AUTH_HMAC_SHA2_256_96 = 1026,
  AUTH_HMAC_SHA2_256_256 = 1027,
  AUTH_HMAC_SHA2_384_384 = 1028,
  AUTH_HMAC_SHA2_512_512 = 1029,
  AUTH_CAMELLIA_XCBC_96 = 1030,
}

/**
 * Registry name of an integrity algorithm, such as `AUTH_HMAC_SHA1_96`; `(99)` for an unknown one. Proposal texts use shorter
 * names.
 */
export function integrityAlgorithmName(value: number): string {
  return nameOf(IntegrityAlgorithm, value);
}
