/** What control tells the shards about certificates and keys. Plain data. */
export type CertificateChange =
  | { readonly op: "certificate"; readonly set: string; readonly der: Uint8Array; readonly isTrusted: boolean }
  /** The key as PKCS#8. */
  | { readonly op: "private-key"; readonly set: string; readonly secret: Uint8Array }
  | { readonly op: "crl"; readonly set: string; readonly der: Uint8Array }
  | { readonly op: "remove"; readonly set: string };
