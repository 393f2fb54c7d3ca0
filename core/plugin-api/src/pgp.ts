import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** An OpenPGP key that stands for a certificate, RFC 4880. Plain data. */
export interface PgpCertificate {
  /** Its packets, without armour. */
  readonly octets: Uint8Array;
  /** SubjectPublicKeyInfo of its primary key. */
  readonly publicKey: Uint8Array;
  /** Its fingerprint: SHA-1 of 20 octets, MD5 of 16 for a key of version 3. A KEY_ID identity may be it. */
  readonly digest: Uint8Array;
  /** Whom it is of, as a rule a name and mail address; never empty. */
  readonly userId: Uint8Array;
  /** Milliseconds since 1970; `until` is undefined for a key that does not expire. */
  readonly created: number;
  readonly until: number | undefined;
}

/** Reads OpenPGP keys, armoured or not. Lives on control. */
export interface PgpReader {
  /** @throws {DefinitionError} CYG_CERT_SYNTAX for what is malformed, CYG_CERT_KEY for a kind that is not supported */
  readCertificate(data: Uint8Array): PgpCertificate;
  /** @returns PKCS#8, the caller's to zero. @throws {DefinitionError} as `readCertificate`; CYG_CERT_KEY also for a wrong passphrase */
  readPrivateKey(data: Uint8Array, passphrase?: Uint8Array): Uint8Array;
}

export const PgpReader: ServiceToken<PgpReader> = serviceToken("PgpReader");
