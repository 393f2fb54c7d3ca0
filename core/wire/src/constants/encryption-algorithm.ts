import { nameOf } from "./names.js";

/** Encryption algorithms (transform type 1), IANA registry; 1024 up are strongSwan's private use numbers. */
export enum EncryptionAlgorithm {
  ENCR_DES_IV64 = 1,
  ENCR_DES = 2,
  ENCR_3DES = 3,
  ENCR_RC5 = 4,
  ENCR_IDEA = 5,
  ENCR_CAST = 6,
  ENCR_BLOWFISH = 7,
  ENCR_3IDEA = 8,
  ENCR_DES_IV32 = 9,
  ENCR_NULL = 11,
  ENCR_AES_CBC = 12,
  ENCR_AES_CTR = 13,
  ENCR_AES_CCM_ICV8 = 14,
  ENCR_AES_CCM_ICV12 = 15,
  ENCR_AES_CCM_ICV16 = 16,
  ENCR_AES_GCM_ICV8 = 18,
  ENCR_AES_GCM_ICV12 = 19,
  ENCR_AES_GCM_ICV16 = 20,
  ENCR_NULL_AUTH_AES_GMAC = 21,
  ENCR_CAMELLIA_CBC = 23,
  ENCR_CAMELLIA_CTR = 24,
  ENCR_CAMELLIA_CCM_ICV8 = 25,
  ENCR_CAMELLIA_CCM_ICV12 = 26,
  ENCR_CAMELLIA_CCM_ICV16 = 27,
  ENCR_CHACHA20_POLY1305 = 28,
  ENCR_UNDEFINED = 1024,
  ENCR_DES_ECB = 1025,
  ENCR_SERPENT_CBC = 1026,
  ENCR_TWOFISH_CBC = 1027,
  ENCR_RC2_CBC = 1028,
  ENCR_AES_ECB = 1029,
  ENCR_AES_CFB = 1030,
}

/**
 * Registry name of an encryption algorithm, such as `ENCR_AES_CBC`; `(99)` for an unknown one. Proposal texts use shorter names.
 */
export function encryptionAlgorithmName(value: number): string {
  return nameOf(EncryptionAlgorithm, value);
}
