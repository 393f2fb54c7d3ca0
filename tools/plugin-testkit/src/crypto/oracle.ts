import {
  EncryptionAlgorithm as Encryption,
  HashAlgorithm as Hash,
  IntegrityAlgorithm as Integrity,
  PseudoRandomFunction as Prf,
} from "@cygnet/wire";

/** What node:crypto calls the same algorithms: an independent way through the same OpenSSL. */
export const NODE_HASH: Readonly<Record<number, string>> = {
  [Hash.MD5]: "md5",
  [Hash.SHA1]: "sha1",
  [Hash.SHA224]: "sha224",
  [Hash.SHA256]: "sha256",
  [Hash.SHA384]: "sha384",
  [Hash.SHA512]: "sha512",
  [Hash.SHA3_224]: "sha3-224",
  [Hash.SHA3_256]: "sha3-256",
  [Hash.SHA3_384]: "sha3-384",
  [Hash.SHA3_512]: "sha3-512",
};

export const NODE_PRF: Readonly<Record<number, string>> = {
  [Prf.PRF_HMAC_MD5]: "md5",
  [Prf.PRF_HMAC_SHA1]: "sha1",
  [Prf.PRF_HMAC_SHA2_256]: "sha256",
  [Prf.PRF_HMAC_SHA2_384]: "sha384",
  [Prf.PRF_HMAC_SHA2_512]: "sha512",
};

export const NODE_SIGNER: Readonly<Record<number, string>> = {
  [Integrity.AUTH_HMAC_MD5_96]: "md5",
  [Integrity.AUTH_HMAC_MD5_128]: "md5",
  [Integrity.AUTH_HMAC_SHA1_96]: "sha1",
  [Integrity.AUTH_HMAC_SHA1_128]: "sha1",
  [Integrity.AUTH_HMAC_SHA1_160]: "sha1",
  [Integrity.AUTH_HMAC_SHA2_256_96]: "sha256",
  [Integrity.AUTH_HMAC_SHA2_256_128]: "sha256",
  [Integrity.AUTH_HMAC_SHA2_256_256]: "sha256",
  [Integrity.AUTH_HMAC_SHA2_384_192]: "sha384",
  [Integrity.AUTH_HMAC_SHA2_384_384]: "sha384",
  [Integrity.AUTH_HMAC_SHA2_512_256]: "sha512",
  [Integrity.AUTH_HMAC_SHA2_512_512]: "sha512",
};

const CIPHER_MODES: Readonly<Record<number, string>> = {
  [Encryption.ENCR_AES_CBC]: "aes-#-cbc",
  [Encryption.ENCR_AES_CTR]: "aes-#-ctr",
  [Encryption.ENCR_AES_ECB]: "aes-#-ecb",
  [Encryption.ENCR_AES_CFB]: "aes-#-cfb",
  [Encryption.ENCR_CAMELLIA_CBC]: "camellia-#-cbc",
  [Encryption.ENCR_CAMELLIA_CTR]: "camellia-#-ctr",
  [Encryption.ENCR_3DES]: "des-ede3-cbc",
};

/** node:crypto's name of a cipher; `keyBytes` without a nonce. */
export const nodeCipher = (id: number, keyBytes: number): string | undefined =>
  CIPHER_MODES[id]?.replace("#", String(keyBytes * 8));

const AEADS: Readonly<Record<number, "gcm" | "ccm">> = {
  [Encryption.ENCR_AES_GCM_ICV8]: "gcm",
  [Encryption.ENCR_AES_GCM_ICV12]: "gcm",
  [Encryption.ENCR_AES_GCM_ICV16]: "gcm",
  [Encryption.ENCR_AES_CCM_ICV8]: "ccm",
  [Encryption.ENCR_AES_CCM_ICV12]: "ccm",
  [Encryption.ENCR_AES_CCM_ICV16]: "ccm",
};

/** node:crypto's name of an AEAD; `keyBytes` without the salt. */
export function nodeAead(id: number, keyBytes: number): string {
  const mode = AEADS[id];
  return mode === undefined ? "chacha20-poly1305" : `aes-${keyBytes * 8}-${mode}`;
}
