import type { AuthorityUris, PgpCertificate } from "@cygnet/plugin-api";

/** What control tells the shards about certificates and keys. Plain data. */
export type CertificateChange =
  | {
      readonly op: "certificate";
      readonly set: string;
      readonly der: Uint8Array;
      readonly isTrusted: boolean;
      readonly isOcspSigner?: boolean;
    }
  /** The key as PKCS#8. */
  | { readonly op: "private-key"; readonly set: string; readonly secret: Uint8Array }
  /** A raw public key, as SubjectPublicKeyInfo. */
  | { readonly op: "public-key"; readonly set: string; readonly der: Uint8Array }
  | { readonly op: "pgp"; readonly set: string; readonly key: PgpCertificate }
  | { readonly op: "authority-uris"; readonly set: string; readonly fingerprint: string; readonly uris: AuthorityUris }
  | { readonly op: "crl"; readonly set: string; readonly der: Uint8Array }
  | { readonly op: "ocsp"; readonly der: Uint8Array }
  | { readonly op: "remove"; readonly set: string };

/** The set of revocation lists that were fetched: of an authority the newest only. */
export const FETCHED_LISTS = "fetched crls";
/** The set of OCSP responses, all of which were fetched. */
export const FETCHED_RESPONSES = "fetched ocsp responses";
