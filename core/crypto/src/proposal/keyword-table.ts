import { TransformType } from "@cygnet/wire";

/** A proposal keyword: the word, its transform type, the transform's number, and the key size in bits (0 for none given). */
export type KeywordRow = readonly [keyword: string, type: TransformType, id: number, keyBits: number];

const ENCR = TransformType.ENCRYPTION_ALGORITHM;
const INTEG = TransformType.INTEGRITY_ALGORITHM;
const PRF = TransformType.PSEUDO_RANDOM_FUNCTION;
const KE = TransformType.KEY_EXCHANGE_METHOD;
const ESN = TransformType.EXTENDED_SEQUENCE_NUMBERS;

/**
 * strongSwan's built-in proposal keywords. Left out: the additional key exchanges (`ke1_` to `ke7_` in front of a key exchange
 * keyword, which the parser handles) and keywords that only exist together with a plugin (`ntru128`), which add themselves.
 *
 * Data, checked against the table of facts by parse-proposal.test.ts.
 */
// prettier-ignore
export const KEYWORDS: readonly KeywordRow[] = [
  ["null", ENCR, 11, 0], ["des", ENCR, 2, 0], ["3des", ENCR, 3, 0], ["aes", ENCR, 12, 128], ["aes128", ENCR, 12, 128],
  ["aes192", ENCR, 12, 192], ["aes256", ENCR, 12, 256], ["aes128ctr", ENCR, 13, 128], ["aes192ctr", ENCR, 13, 192],
  ["aes256ctr", ENCR, 13, 256], ["aes128ccm8", ENCR, 14, 128], ["aes128ccm64", ENCR, 14, 128],
  ["aes128ccm12", ENCR, 15, 128], ["aes128ccm96", ENCR, 15, 128], ["aes128ccm16", ENCR, 16, 128],
  ["aes128ccm128", ENCR, 16, 128], ["aes128ccm", ENCR, 16, 128], ["aes192ccm8", ENCR, 14, 192],
  ["aes192ccm64", ENCR, 14, 192], ["aes192ccm12", ENCR, 15, 192], ["aes192ccm96", ENCR, 15, 192],
  ["aes192ccm16", ENCR, 16, 192], ["aes192ccm128", ENCR, 16, 192], ["aes192ccm", ENCR, 16, 192],
  ["aes256ccm8", ENCR, 14, 256], ["aes256ccm64", ENCR, 14, 256], ["aes256ccm12", ENCR, 15, 256],
  ["aes256ccm96", ENCR, 15, 256], ["aes256ccm16", ENCR, 16, 256], ["aes256ccm128", ENCR, 16, 256],
  ["aes256ccm", ENCR, 16, 256], ["aes128gcm8", ENCR, 18, 128], ["aes128gcm64", ENCR, 18, 128],
  ["aes128gcm12", ENCR, 19, 128], ["aes128gcm96", ENCR, 19, 128], ["aes128gcm16", ENCR, 20, 128],
  ["aes128gcm128", ENCR, 20, 128], ["aes128gcm", ENCR, 20, 128], ["aes192gcm8", ENCR, 18, 192],
  ["aes192gcm64", ENCR, 18, 192], ["aes192gcm12", ENCR, 19, 192], ["aes192gcm96", ENCR, 19, 192],
  ["aes192gcm16", ENCR, 20, 192], ["aes192gcm128", ENCR, 20, 192], ["aes192gcm", ENCR, 20, 192],
  ["aes256gcm8", ENCR, 18, 256], ["aes256gcm64", ENCR, 18, 256], ["aes256gcm12", ENCR, 19, 256],
  ["aes256gcm96", ENCR, 19, 256], ["aes256gcm16", ENCR, 20, 256], ["aes256gcm128", ENCR, 20, 256],
  ["aes256gcm", ENCR, 20, 256], ["aes128gmac", ENCR, 21, 128], ["aes192gmac", ENCR, 21, 192], ["aes256gmac", ENCR, 21, 256],
  ["chacha20poly1305", ENCR, 28, 0], ["chacha20poly1305compat", ENCR, 28, 256], ["blowfish", ENCR, 7, 128],
  ["blowfish128", ENCR, 7, 128], ["blowfish192", ENCR, 7, 192], ["blowfish256", ENCR, 7, 256], ["camellia", ENCR, 23, 128],
  ["camellia128", ENCR, 23, 128], ["camellia192", ENCR, 23, 192], ["camellia256", ENCR, 23, 256],
  ["camellia128ctr", ENCR, 24, 128], ["camellia192ctr", ENCR, 24, 192], ["camellia256ctr", ENCR, 24, 256],
  ["camellia128ccm8", ENCR, 25, 128], ["camellia128ccm64", ENCR, 25, 128], ["camellia128ccm12", ENCR, 26, 128],
  ["camellia128ccm96", ENCR, 26, 128], ["camellia128ccm16", ENCR, 27, 128], ["camellia128ccm128", ENCR, 27, 128],
  ["camellia192ccm8", ENCR, 25, 192], ["camellia192ccm64", ENCR, 25, 192], ["camellia192ccm12", ENCR, 26, 192],
  ["camellia192ccm96", ENCR, 26, 192], ["camellia192ccm16", ENCR, 27, 192], ["camellia192ccm128", ENCR, 27, 192],
  ["camellia256ccm8", ENCR, 25, 256], ["camellia256ccm64", ENCR, 25, 256], ["camellia256ccm12", ENCR, 26, 256],
  ["camellia256ccm96", ENCR, 26, 256], ["camellia256ccm16", ENCR, 27, 256], ["camellia256ccm128", ENCR, 27, 256],
  ["cast128", ENCR, 6, 128], ["serpent", ENCR, 1026, 128], ["serpent128", ENCR, 1026, 128], ["serpent192", ENCR, 1026, 192],
  ["serpent256", ENCR, 1026, 256], ["twofish", ENCR, 1027, 128], ["twofish128", ENCR, 1027, 128],
  ["twofish192", ENCR, 1027, 192], ["twofish256", ENCR, 1027, 256],
  ["sha", INTEG, 2, 0], ["sha1", INTEG, 2, 0], ["sha1_160", INTEG, 7, 0], ["sha256", INTEG, 12, 0],
  ["sha2_256", INTEG, 12, 0], ["sha256_96", INTEG, 1026, 0], ["sha2_256_96", INTEG, 1026, 0], ["sha384", INTEG, 13, 0],
  ["sha2_384", INTEG, 13, 0], ["sha512", INTEG, 14, 0], ["sha2_512", INTEG, 14, 0], ["md5", INTEG, 1, 0],
  ["md5_128", INTEG, 6, 0], ["aesxcbc", INTEG, 5, 0], ["camelliaxcbc", INTEG, 1030, 0], ["aescmac", INTEG, 8, 0],
  ["prfsha1", PRF, 2, 0], ["prfsha256", PRF, 5, 0], ["prfsha384", PRF, 6, 0], ["prfsha512", PRF, 7, 0],
  ["prfmd5", PRF, 1, 0], ["prfaesxcbc", PRF, 4, 0], ["prfcamelliaxcbc", PRF, 1028, 0], ["prfaescmac", PRF, 8, 0],
  ["none", KE, 0, 0], ["modpnone", KE, 0, 0], ["modpnull", KE, 1024, 0], ["modp768", KE, 1, 0], ["modp1024", KE, 2, 0],
  ["modp1536", KE, 5, 0], ["modp2048", KE, 14, 0], ["modp3072", KE, 15, 0], ["modp4096", KE, 16, 0], ["modp6144", KE, 17, 0],
  ["modp8192", KE, 18, 0], ["ecp192", KE, 25, 0], ["ecp224", KE, 26, 0], ["ecp256", KE, 19, 0], ["ecp384", KE, 20, 0],
  ["ecp521", KE, 21, 0], ["modp1024s160", KE, 22, 0], ["modp2048s224", KE, 23, 0], ["modp2048s256", KE, 24, 0],
  ["ecp224bp", KE, 27, 0], ["ecp256bp", KE, 28, 0], ["ecp384bp", KE, 29, 0], ["ecp512bp", KE, 30, 0],
  ["curve25519", KE, 31, 0], ["x25519", KE, 31, 0], ["curve448", KE, 32, 0], ["x448", KE, 32, 0], ["gost256", KE, 33, 0],
  ["gost512", KE, 34, 0], ["mlkem512", KE, 35, 0], ["mlkem768", KE, 36, 0], ["mlkem1024", KE, 37, 0],
  ["noesn", ESN, 0, 0], ["esn", ESN, 1, 0],
];
