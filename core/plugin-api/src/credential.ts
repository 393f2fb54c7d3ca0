import type { PgpCertificate } from "./pgp.js";
import type { Undo } from "./plugin.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** A shared secret as plain data. No owners: it is anybody's. */
export interface SharedSecret {
  readonly type: "IKE" | "EAP" | "NTLM" | "PPK";
  /** Identities in strongSwan's notation, wildcards allowed. */
  readonly owners: readonly string[];
  readonly secret: Uint8Array;
}

/** A certificate that was loaded, for status output. Identities and times are ready to print and to compare, key identifiers in hex. */
export interface CertificateInfo {
  /** The credential set that it is in. */
  readonly set: string;
  readonly der: Uint8Array;
  /** SHA-256 of the certificate in hex, what `AuthRound.certificates` names it by. */
  readonly fingerprint: string;
  readonly subject: string;
  /** The subject as it is in the certificate, DER in hex. */
  readonly subjectDer: string;
  readonly issuer: string;
  readonly serial: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly altNames: readonly string[];
  /** As strongSwan prints them: `CA`, `CRLSign`, `self-signed`, `serverAuth`. */
  readonly flags: readonly string[];
  readonly pathLength: number | undefined;
  readonly crlUris: readonly string[];
  readonly ocspUris: readonly string[];
  readonly authorityKeyId: string | undefined;
  readonly subjectKeyId: string | undefined;
  readonly publicKey: PublicKeyInfo;
  readonly hasPrivateKey: boolean;
  readonly isCa: boolean;
  /** It was loaded as an authority's: chains may end with it. */
  readonly isTrusted: boolean;
  /** It was loaded as that of an OCSP responder, whose word counts for every authority. */
  readonly isOcspSigner: boolean;
}

/** What a certificate is loaded as. */
export interface CertificateUse {
  /** An authority's, which chains may end with. */
  readonly isTrusted: boolean;
  /** An OCSP responder's, whose word counts for every authority. */
  readonly isOcspSigner?: boolean;
}

/** Where to ask about the certificates of an authority, beside what they say themselves. */
export interface AuthorityUris {
  readonly crlUris: readonly string[];
  readonly ocspUris: readonly string[];
  /** Where its certificates can be fetched from, by their SHA-1 in hex behind it (RFC 7296 section 3.6). */
  readonly certUriBase: string | undefined;
}

/** A key: what it is, and SHA-1 of the SubjectPublicKeyInfo and of the key within. */
export interface PublicKeyInfo {
  readonly kind: "RSA" | "ECDSA" | "ED25519" | "ED448";
  readonly bits: number;
  readonly keyId: string;
  readonly subjectKeyId: string;
}

/** An OpenPGP key that was loaded, for status output. */
export interface PgpKeyInfo {
  readonly set: string;
  /** SHA-256 of its packets in hex, what `AuthRound.certificates` names it by. */
  readonly fingerprint: string;
  /** Its user id, ready to print. */
  readonly subject: string;
  /** User id and OpenPGP fingerprint as identities in hex, which `keyid:#HEX` names. */
  readonly subjectHex: string;
  readonly digestHex: string;
  /** The fingerprint as it is printed. */
  readonly digest: string;
  /** Milliseconds since 1970; `until` is undefined for a key that does not expire. */
  readonly created: number;
  readonly until: number | undefined;
  readonly publicKey: PublicKeyInfo;
  readonly hasPrivateKey: boolean;
}

/** Octets of a public key that do not say what they are: RFC 3110 without the head of the record, RFC 4253 section 6.6. */
export type PublicKeyFormat = "dnskey" | "sshkey";

/** A public key that is trusted without a certificate. */
export interface RawPublicKeyInfo extends PublicKeyInfo {
  readonly set: string;
  /** SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  /** SHA-256 of `der` in hex, what `AuthRound.certificates` names it by. */
  readonly fingerprint: string;
}

/** A certificate revocation list that was loaded. Times are milliseconds since 1970. */
export interface RevocationListInfo {
  readonly set: string;
  readonly der: Uint8Array;
  readonly issuer: string;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
  /** In hex. */
  readonly number: string | undefined;
  /** Number of the list that a delta CRL adds to, in hex; undefined for a complete list. */
  readonly baseNumber: string | undefined;
  readonly authorityKeyId: string | undefined;
  readonly revoked: readonly { readonly serial: string; readonly at: number; readonly reason: string }[];
}

/** An OCSP response that is kept. Times are milliseconds since 1970. */
export interface OcspResponseInfo {
  readonly der: Uint8Array;
  /** The responder's name, or the identifier of its key. */
  readonly responder: string;
  readonly producedAt: number;
  readonly nextUpdate: number | undefined;
}

/**
 * Where credential sources put secrets, certificates and keys, in named sets. Lives on control; changes reach all shards before the call
 * resolves.
 */
export interface CredentialStore {
  /** Replaces all secrets that the named set held. @throws {DefinitionError} CYG_ID_SYNTAX for an owner that is no identity */
  replaceSecrets(set: string, secrets: readonly SharedSecret[]): Promise<void>;
  /** Removes all that is in a set, of whatever kind. */
  removeSet(set: string): Promise<void>;
  /** Owners and types without the secrets, for status output. */
  listSecrets(): readonly { readonly set: string; readonly type: SharedSecret["type"]; readonly owners: readonly string[] }[];
  /**
   * Adds an X.509 certificate in PEM or DER. One that the set has already is left as it is.
   * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY; CYG_CERT_CA for an authority without CA basic constraint
   */
  loadCertificate(set: string, data: Uint8Array, use: CertificateUse): Promise<CertificateInfo>;
  /**
   * Adds a public key that is trusted without a certificate, by connections that name it: SubjectPublicKeyInfo or PKCS#1, in PEM or DER, or a
   * line of OpenSSH; with a format, octets of that.
   * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY
   */
  loadPublicKey(set: string, data: Uint8Array, format?: PublicKeyFormat): Promise<RawPublicKeyInfo>;
  listPublicKeys(): readonly RawPublicKeyInfo[];
  /** Tells where to ask about the certificates of an authority. @param fingerprint of its certificate */
  setAuthorityUris(set: string, fingerprint: string, uris: AuthorityUris): Promise<void>;
  /**
   * Adds a private key: PKCS#1, SEC 1 or PKCS#8, in PEM or DER, encrypted or not.
   * @throws {DefinitionError} CYG_CERT_KEY, also for a passphrase that is wrong
   */
  loadPrivateKey(set: string, data: Uint8Array, passphrase?: Uint8Array): Promise<PublicKeyInfo>;
  /** Adds a revocation list in PEM or DER; it counts once an authority is there that signed it. @throws {DefinitionError} CYG_CERT_SYNTAX */
  loadRevocationList(set: string, data: Uint8Array): Promise<RevocationListInfo>;
  listCertificates(): readonly CertificateInfo[];
  listRevocationLists(): readonly RevocationListInfo[];
  /**
   * Adds an OpenPGP key, as `PgpReader` has read it. It vouches for its user id and its fingerprint as long as it is loaded and valid.
   * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY
   */
  loadPgpKey(set: string, key: PgpCertificate): Promise<PgpKeyInfo>;
  listPgpKeys(): readonly PgpKeyInfo[];
  /** Responses that were fetched and are kept until they are too old. */
  listOcspResponses(): readonly OcspResponseInfo[];
  /** Forgets revocation lists or OCSP responses that were fetched. @returns how many */
  flushFetched(kind: "crl" | "ocsp"): Promise<number>;
  /** Calls `listener` with each revocation list that was fetched. */
  onFetchedList(listener: (list: RevocationListInfo) => void): Undo;
}

export const CredentialStore: ServiceToken<CredentialStore> = serviceToken("CredentialStore");
