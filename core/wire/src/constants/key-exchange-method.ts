import { nameOf } from "./names.js";

/**
 * Key exchange methods (transform type 4, formerly Diffie-Hellman groups), IANA registry; 1024 up are strongSwan's, and 65536
 * does not fit on the wire.
 */
export enum KeyExchangeMethod {
  NONE = 0,
  MODP_768_BIT = 1,
  MODP_1024_BIT = 2,
  MODP_1536_BIT = 5,
  MODP_2048_BIT = 14,
  MODP_3072_BIT = 15,
  MODP_4096_BIT = 16,
  MODP_6144_BIT = 17,
  MODP_8192_BIT = 18,
  ECP_256_BIT = 19,
  ECP_384_BIT = 20,
  ECP_521_BIT = 21,
  MODP_1024_160 = 22,
  MODP_2048_224 = 23,
  MODP_2048_256 = 24,
  ECP_192_BIT = 25,
  ECP_224_BIT = 26,
  ECP_224_BP = 27,
  ECP_256_BP = 28,
  ECP_384_BP = 29,
  ECP_512_BP = 30,
  CURVE_25519 = 31,
  CURVE_448 = 32,
  GOST3410_256 = 33,
  GOST3410_512 = 34,
  ML_KEM_512 = 35,
  ML_KEM_768 = 36,
  ML_KEM_1024 = 37,
  MODP_NULL = 1024,
  MODP_CUSTOM = 65536,
}

/**
 * Registry name of a key exchange method, such as `MODP_2048_BIT`; `(99)` for an unknown one. Proposal texts use shorter names.
 */
export function keyExchangeMethodName(value: number): string {
  return nameOf(KeyExchangeMethod, value);
}
