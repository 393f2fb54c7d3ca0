/**
 * The names strongSwan prints for algorithms: in features (`CRYPTER:AES_CBC-16`), `listalgs` and proposals (`AES_CBC_128/HMAC_SHA1_96`).
 * Keyed by the numbers of @cygnet/wire's enums.
 */
const ENCRYPTION: Readonly<Record<number, string>> = {
  1: "DES_IV64",
  2: "DES_CBC",
  3: "3DES_CBC",
  4: "RC5_CBC",
  5: "IDEA_CBC",
  6: "CAST_CBC",
  7: "BLOWFISH_CBC",
  8: "3IDEA",
  9: "DES_IV32",
  11: "NULL",
  12: "AES_CBC",
  13: "AES_CTR",
  14: "AES_CCM_8",
  15: "AES_CCM_12",
  16: "AES_CCM_16",
  18: "AES_GCM_8",
  19: "AES_GCM_12",
  20: "AES_GCM_16",
  21: "NULL_AES_GMAC",
  23: "CAMELLIA_CBC",
  24: "CAMELLIA_CTR",
  25: "CAMELLIA_CCM_8",
  26: "CAMELLIA_CCM_12",
  27: "CAMELLIA_CCM_16",
  28: "CHACHA20_POLY1305",
  1025: "DES_ECB",
  1026: "SERPENT_CBC",
  1027: "TWOFISH_CBC",
  1028: "RC2_CBC",
  1029: "AES_ECB",
  1030: "AES_CFB",
};
const INTEGRITY: Readonly<Record<number, string>> = {
  1: "HMAC_MD5_96",
  2: "HMAC_SHA1_96",
  3: "DES_MAC",
  4: "KPDK_MD5",
  5: "AES_XCBC_96",
  6: "HMAC_MD5_128",
  7: "HMAC_SHA1_160",
  8: "AES_CMAC_96",
  9: "AES_128_GMAC",
  10: "AES_192_GMAC",
  11: "AES_256_GMAC",
  12: "HMAC_SHA2_256_128",
  13: "HMAC_SHA2_384_192",
  14: "HMAC_SHA2_512_256",
  1025: "HMAC_SHA1_128",
  1026: "HMAC_SHA2_256_96",
  1027: "HMAC_SHA2_256_256",
  1028: "HMAC_SHA2_384_384",
  1029: "HMAC_SHA2_512_512",
  1030: "CAMELLIA_XCBC_96",
};
const PRF: Readonly<Record<number, string>> = {
  1: "PRF_HMAC_MD5",
  2: "PRF_HMAC_SHA1",
  3: "PRF_HMAC_TIGER",
  4: "PRF_AES128_XCBC",
  5: "PRF_HMAC_SHA2_256",
  6: "PRF_HMAC_SHA2_384",
  7: "PRF_HMAC_SHA2_512",
  8: "PRF_AES128_CMAC",
  1025: "PRF_FIPS_SHA1_160",
  1026: "PRF_FIPS_DES",
  1027: "PRF_KEYED_SHA1",
  1028: "PRF_CAMELLIA128_XCBC",
};
const KEY_EXCHANGE: Readonly<Record<number, string>> = {
  0: "KE_NONE",
  1: "MODP_768",
  2: "MODP_1024",
  5: "MODP_1536",
  14: "MODP_2048",
  15: "MODP_3072",
  16: "MODP_4096",
  17: "MODP_6144",
  18: "MODP_8192",
  19: "ECP_256",
  20: "ECP_384",
  21: "ECP_521",
  22: "MODP_1024_160",
  23: "MODP_2048_224",
  24: "MODP_2048_256",
  25: "ECP_192",
  26: "ECP_224",
  27: "ECP_224_BP",
  28: "ECP_256_BP",
  29: "ECP_384_BP",
  30: "ECP_512_BP",
  31: "CURVE_25519",
  32: "CURVE_448",
  33: "GOST3410_256",
  34: "GOST3410_512",
  35: "ML_KEM_512",
  36: "ML_KEM_768",
  37: "ML_KEM_1024",
  1024: "MODP_NULL",
  65536: "MODP_CUSTOM",
};
const HASH: Readonly<Record<number, string>> = {
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

const name = (table: Readonly<Record<number, string>>, id: number): string => table[id] ?? `(${id})`;

/** `AES_CBC` for 12; `(n)` for an unknown number. */
export const encryptionName = (id: number): string => name(ENCRYPTION, id);
/** `HMAC_SHA1_96` for 2. */
export const integrityName = (id: number): string => name(INTEGRITY, id);
/** `PRF_HMAC_SHA1` for 2. */
export const prfName = (id: number): string => name(PRF, id);
/** `MODP_2048` for 14. */
export const keyExchangeName = (id: number): string => name(KEY_EXCHANGE, id);
/** `HASH_SHA2_256` for 2. */
export const hashName = (id: number): string => name(HASH, id);
