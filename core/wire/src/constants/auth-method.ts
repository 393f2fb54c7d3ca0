import { nameOf } from "./names.js";

/**
 * Authentication methods, RFC 7296 section 3.8, RFC 4754, RFC 7427, RFC 7619; 256 up only name IKEv1 modes and never go on the
 * wire here.
 */
export enum AuthMethod {
  NONE = 0,
  RSA = 1,
  PSK = 2,
  DSS = 3,
  ECDSA_256 = 9,
  ECDSA_384 = 10,
  ECDSA_521 = 11,
  GSPM = 12,
  NULL = 13,
  DS = 14,
  XAUTH_INIT_PSK = 256,
  XAUTH_RESP_PSK = 257,
  XAUTH_INIT_RSA = 258,
  XAUTH_RESP_RSA = 259,
  HYBRID_INIT_RSA = 260,
  HYBRID_RESP_RSA = 261,
}

const NAMES: Readonly<Record<number, string>> = {
  0: "AUTH_NONE",
  1: "RSA signature",
  2: "pre-shared key",
  3: "DSS signature",
  9: "ECDSA-256 signature",
  10: "ECDSA-384 signature",
  11: "ECDSA-521 signature",
  12: "secure password method",
  13: "NULL authentication",
  14: "digital signature",
  256: "XAuthInitPSK",
  257: "XAuthRespPSK",
  258: "XAuthInitRSA",
  259: "XauthRespRSA",
  260: "HybridInitRSA",
  261: "HybridRespRSA",
};

/** Name of an authentication method as log lines print it, such as `pre-shared key`; `(99)` for an unknown one. */
export function authMethodName(value: number): string {
  return nameOf(NAMES, value);
}
