import { nameOf } from "./names.js";

/** Certificate encodings, RFC 7296 section 3.6. */
export enum CertEncoding {
  PKCS7_WRAPPED_X509 = 1,
  PGP = 2,
  DNS_SIGNED_KEY = 3,
  X509_SIGNATURE = 4,
  KERBEROS_TOKEN = 6,
  CRL = 7,
  ARL = 8,
  SPKI = 9,
  X509_ATTRIBUTE = 10,
  RAW_RSA_KEY = 11,
  X509_HASH_AND_URL = 12,
  X509_HASH_AND_URL_BUNDLE = 13,
  OCSP_CONTENT = 14,
}

const NAMES: Readonly<Record<number, string>> = {
  1: "ENC_PKCS7_WRAPPED_X509",
  2: "ENC_PGP",
  3: "ENC_DNS_SIGNED_KEY",
  4: "ENC_X509_SIGNATURE",
  6: "ENC_KERBEROS_TOKEN",
  7: "ENC_CRL",
  8: "ENC_ARL",
  9: "ENC_SPKI",
  10: "ENC_X509_ATTRIBUTE",
  11: "ENC_RAW_RSA_KEY",
  12: "ENC_X509_HASH_AND_URL",
  13: "ENC_X509_HASH_AND_URL_BUNDLE",
  14: "ENC_OCSP_CONTENT",
};

/** Name of a certificate encoding as log lines print it, such as `ENC_X509_SIGNATURE`; `(99)` for an unknown one. */
export function certEncodingName(value: number): string {
  return nameOf(NAMES, value);
}
