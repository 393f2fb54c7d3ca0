import { EncryptionAlgorithm, IntegrityAlgorithm, PseudoRandomFunction, TransformType } from "@cygnet/wire";
import type { Proposal } from "./proposal.js";
import { transformId, transformKeyBits } from "./transform.js";

/** Octets behind the key that KEYMAT gives to an algorithm as nonce or salt. */
const SALT_BYTES: ReadonlyMap<number, number> = new Map([
  [EncryptionAlgorithm.ENCR_AES_CTR, 4], // RFC 3686 section 5.1
  [EncryptionAlgorithm.ENCR_CAMELLIA_CTR, 4], // RFC 5529 section 2.1
  [EncryptionAlgorithm.ENCR_AES_CCM_ICV8, 3], // RFC 4309 section 7.1
  [EncryptionAlgorithm.ENCR_AES_CCM_ICV12, 3],
  [EncryptionAlgorithm.ENCR_AES_CCM_ICV16, 3],
  [EncryptionAlgorithm.ENCR_CAMELLIA_CCM_ICV8, 3],
  [EncryptionAlgorithm.ENCR_CAMELLIA_CCM_ICV12, 3],
  [EncryptionAlgorithm.ENCR_CAMELLIA_CCM_ICV16, 3],
  [EncryptionAlgorithm.ENCR_AES_GCM_ICV8, 4], // RFC 4106 section 8.1
  [EncryptionAlgorithm.ENCR_AES_GCM_ICV12, 4],
  [EncryptionAlgorithm.ENCR_AES_GCM_ICV16, 4],
  [EncryptionAlgorithm.ENCR_NULL_AUTH_AES_GMAC, 4], // RFC 4543 section 3.2
  [EncryptionAlgorithm.ENCR_CHACHA20_POLY1305, 4], // RFC 7634 section 2
]);

/** Key size in octets of ciphers whose number alone tells it, or the default where the Key Length attribute is missing. */
const DEFAULT_CIPHER_BYTES: ReadonlyMap<number, number> = new Map([
  [EncryptionAlgorithm.ENCR_DES_IV64, 8],
  [EncryptionAlgorithm.ENCR_DES, 8],
  [EncryptionAlgorithm.ENCR_DES_IV32, 8],
  [EncryptionAlgorithm.ENCR_DES_ECB, 8],
  [EncryptionAlgorithm.ENCR_3DES, 24],
  [EncryptionAlgorithm.ENCR_IDEA, 16],
  [EncryptionAlgorithm.ENCR_CAST, 16],
  [EncryptionAlgorithm.ENCR_BLOWFISH, 16],
  [EncryptionAlgorithm.ENCR_NULL, 0],
  [EncryptionAlgorithm.ENCR_CHACHA20_POLY1305, 32],
]);

const INTEGRITY_BYTES: ReadonlyMap<number, number> = new Map([
  [IntegrityAlgorithm.AUTH_NONE, 0],
  [IntegrityAlgorithm.AUTH_HMAC_MD5_96, 16],
  [IntegrityAlgorithm.AUTH_HMAC_MD5_128, 16],
  [IntegrityAlgorithm.AUTH_HMAC_SHA1_96, 20],
  [IntegrityAlgorithm.AUTH_HMAC_SHA1_128, 20],
  [IntegrityAlgorithm.AUTH_HMAC_SHA1_160, 20],
  [IntegrityAlgorithm.AUTH_DES_MAC, 8],
  [IntegrityAlgorithm.AUTH_KPDK_MD5, 16],
  [IntegrityAlgorithm.AUTH_AES_XCBC_96, 16],
  [IntegrityAlgorithm.AUTH_CAMELLIA_XCBC_96, 16],
  [IntegrityAlgorithm.AUTH_AES_CMAC_96, 16],
  [IntegrityAlgorithm.AUTH_AES_128_GMAC, 20], // key and salt, RFC 4543 section 4
  [IntegrityAlgorithm.AUTH_AES_192_GMAC, 28],
  [IntegrityAlgorithm.AUTH_AES_256_GMAC, 36],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_96, 32],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128, 32],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_256, 32],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_384_192, 48],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_384_384, 48],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_512_256, 64],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_512_512, 64],
]);

const PRF_BYTES: ReadonlyMap<number, number> = new Map([
  [PseudoRandomFunction.PRF_HMAC_MD5, 16],
  [PseudoRandomFunction.PRF_HMAC_SHA1, 20],
  [PseudoRandomFunction.PRF_HMAC_TIGER, 24],
  [PseudoRandomFunction.PRF_AES128_XCBC, 16],
  [PseudoRandomFunction.PRF_HMAC_SHA2_256, 32],
  [PseudoRandomFunction.PRF_HMAC_SHA2_384, 48],
  [PseudoRandomFunction.PRF_HMAC_SHA2_512, 64],
  [PseudoRandomFunction.PRF_AES128_CMAC, 16],
  [PseudoRandomFunction.PRF_FIPS_SHA1_160, 20],
  [PseudoRandomFunction.PRF_KEYED_SHA1, 20],
  [PseudoRandomFunction.PRF_CAMELLIA128_XCBC, 16],
]);

/**
 * Octets of the key proper, by which a crypter or an AEAD is registered (`AES_GCM_16-32`): without nonce or salt.
 *
 * @param keyBits the Key Length attribute, 0 for none
 * @returns undefined when the algorithm needs the attribute, or it is not a multiple of 8
 */
export function cipherKeyBytes(id: number, keyBits: number): number | undefined {
  if (keyBits === 0) return DEFAULT_CIPHER_BYTES.get(id);
  return keyBits % 8 === 0 ? keyBits / 8 : undefined;
}

/**
 * Octets of KEYMAT for one direction of an encryption algorithm: the key, and what follows it as nonce or salt.
 *
 * @param keyBits the Key Length attribute, 0 for none
 * @returns undefined as for {@link cipherKeyBytes}
 */
export function encryptionKeyBytes(id: number, keyBits: number): number | undefined {
  const key = cipherKeyBytes(id, keyBits);
  return key === undefined ? undefined : key + (SALT_BYTES.get(id) ?? 0);
}

/** Octets of KEYMAT for one direction of an integrity algorithm, undefined for an unknown one. */
export const integrityKeyBytes = (id: number): number | undefined => INTEGRITY_BYTES.get(id);

/** Preferred key size of a PRF in octets, undefined for an unknown one. */
export const prfKeyBytes = (id: number): number | undefined => PRF_BYTES.get(id);

/** KEYMAT for one direction of an ESP or AH SA, in octets. */
export interface ChildKeyLengths {
  readonly encryptionBytes: number;
  readonly integrityBytes: number;
}

/**
 * What one direction of a CHILD_SA takes from KEYMAT, RFC 7296 section 2.17.
 *
 * @param proposal a selected one: its first transforms count
 * @returns undefined when an algorithm or its key size is unknown
 */
export function childKeyLengths(proposal: Proposal): ChildKeyLengths | undefined {
  const cipher = proposal.first(TransformType.ENCRYPTION_ALGORITHM);
  const integrity = proposal.first(TransformType.INTEGRITY_ALGORITHM);
  const encryptionBytes = cipher === undefined ? 0 : encryptionKeyBytes(transformId(cipher), transformKeyBits(cipher));
  const integrityBytes = integrity === undefined ? 0 : integrityKeyBytes(transformId(integrity));
  if (encryptionBytes === undefined || integrityBytes === undefined) return undefined;
  return { encryptionBytes, integrityBytes };
}
