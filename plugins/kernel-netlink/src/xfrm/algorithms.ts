import { EncryptionAlgorithm, IntegrityAlgorithm } from "@cygnet/wire";

/** How the kernel names a cipher. AEADs have the length of their check value, in bits; their keys end in the salt. */
export interface KernelCipher {
  readonly name: string;
  readonly icvBits?: number;
}

/** How the kernel names an integrity algorithm, and how many bits of its result are sent. */
export interface KernelIntegrity {
  readonly name: string;
  readonly truncatedBits: number;
}

const GCM = "rfc4106(gcm(aes))";
const CCM = "rfc4309(ccm(aes))";

const CIPHERS: ReadonlyMap<number, KernelCipher> = new Map<number, KernelCipher>([
  [EncryptionAlgorithm.ENCR_DES, { name: "cbc(des)" }],
  [EncryptionAlgorithm.ENCR_3DES, { name: "cbc(des3_ede)" }],
  [EncryptionAlgorithm.ENCR_CAST, { name: "cbc(cast5)" }],
  [EncryptionAlgorithm.ENCR_BLOWFISH, { name: "cbc(blowfish)" }],
  [EncryptionAlgorithm.ENCR_NULL, { name: "ecb(cipher_null)" }],
  [EncryptionAlgorithm.ENCR_AES_CBC, { name: "cbc(aes)" }],
  [EncryptionAlgorithm.ENCR_AES_CTR, { name: "rfc3686(ctr(aes))" }],
  [EncryptionAlgorithm.ENCR_AES_CCM_ICV8, { name: CCM, icvBits: 64 }],
  [EncryptionAlgorithm.ENCR_AES_CCM_ICV12, { name: CCM, icvBits: 96 }],
  [EncryptionAlgorithm.ENCR_AES_CCM_ICV16, { name: CCM, icvBits: 128 }],
  [EncryptionAlgorithm.ENCR_AES_GCM_ICV8, { name: GCM, icvBits: 64 }],
  [EncryptionAlgorithm.ENCR_AES_GCM_ICV12, { name: GCM, icvBits: 96 }],
  [EncryptionAlgorithm.ENCR_AES_GCM_ICV16, { name: GCM, icvBits: 128 }],
  [EncryptionAlgorithm.ENCR_NULL_AUTH_AES_GMAC, { name: "rfc4543(gcm(aes))", icvBits: 128 }],
  [EncryptionAlgorithm.ENCR_CAMELLIA_CBC, { name: "cbc(camellia)" }],
  [EncryptionAlgorithm.ENCR_CHACHA20_POLY1305, { name: "rfc7539esp(chacha20,poly1305)", icvBits: 128 }],
  [EncryptionAlgorithm.ENCR_SERPENT_CBC, { name: "cbc(serpent)" }],
  [EncryptionAlgorithm.ENCR_TWOFISH_CBC, { name: "cbc(twofish)" }],
]);

const INTEGRITY: ReadonlyMap<number, KernelIntegrity> = new Map<number, KernelIntegrity>([
  [IntegrityAlgorithm.AUTH_HMAC_MD5_96, { name: "hmac(md5)", truncatedBits: 96 }],
  [IntegrityAlgorithm.AUTH_HMAC_MD5_128, { name: "hmac(md5)", truncatedBits: 128 }],
  [IntegrityAlgorithm.AUTH_HMAC_SHA1_96, { name: "hmac(sha1)", truncatedBits: 96 }],
  [IntegrityAlgorithm.AUTH_HMAC_SHA1_160, { name: "hmac(sha1)", truncatedBits: 160 }],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_96, { name: "hmac(sha256)", truncatedBits: 96 }],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_256_128, { name: "hmac(sha256)", truncatedBits: 128 }],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_384_192, { name: "hmac(sha384)", truncatedBits: 192 }],
  [IntegrityAlgorithm.AUTH_HMAC_SHA2_512_256, { name: "hmac(sha512)", truncatedBits: 256 }],
  [IntegrityAlgorithm.AUTH_AES_XCBC_96, { name: "xcbc(aes)", truncatedBits: 96 }],
  [IntegrityAlgorithm.AUTH_AES_CMAC_96, { name: "cmac(aes)", truncatedBits: 96 }],
]);

/** Undefined for what the kernel does not have, such as Camellia in counter mode. */
export const kernelCipher = (id: number): KernelCipher | undefined => CIPHERS.get(id);

/** Undefined for what the kernel does not have. */
export const kernelIntegrity = (id: number): KernelIntegrity | undefined => INTEGRITY.get(id);
