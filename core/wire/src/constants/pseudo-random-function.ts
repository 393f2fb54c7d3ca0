import { nameOf } from "./names.js";

/** Pseudorandom functions (transform type 2), IANA registry; 1024 up are strongSwan's private use numbers. */
export enum PseudoRandomFunction {
  PRF_HMAC_MD5 = 1,
  PRF_HMAC_SHA1 = 2,
  PRF_HMAC_TIGER = 3,
  PRF_AES128_XCBC = 4,
  PRF_HMAC_SHA2_256 = 5,
  PRF_HMAC_SHA2_384 = 6,
  PRF_HMAC_SHA2_512 = 7,
  PRF_AES128_CMAC = 8,
  PRF_UNDEFINED = 1024,
  PRF_FIPS_SHA1_160 = 1025,
  PRF_FIPS_DES = 1026,
  PRF_KEYED_SHA1 = 1027,
  PRF_CAMELLIA128_XCBC = 1028,
}

/** Registry name of a PRF, such as `PRF_HMAC_SHA1`; `(99)` for an unknown one. */
export function pseudoRandomFunctionName(value: number): string {
  return nameOf(PseudoRandomFunction, value);
}
