import { CertEncoding, PayloadType } from "@cygnet/wire";
import type { CertPayload } from "@cygnet/wire";
import type { Certificate, CertificateStore } from "../../../credentials/index.js";

const SHA1_OCTETS = 20;

/** Where a certificate can be fetched, RFC 7296 section 3.6. */
export interface CertificateReference {
  readonly uri: string;
  /** SHA-1 of the certificate in hex. */
  readonly hash: string;
}

/** Where the authority of a certificate of ours says that it can be fetched; undefined where it does not. */
export function referenceTo(certificate: Certificate, store: CertificateStore): CertificateReference | undefined {
  for (const issuer of store.issuersOf(certificate))
    for (const { certUriBase } of store.authorityUris(issuer)) {
      if (certUriBase === undefined || !store.isSignedBy(certificate, issuer)) continue;
      const hash = store.sha1(certificate.der);
      return { uri: `${certUriBase}${hash}`, hash };
    }
  return undefined;
}

export function makeReferencePayload({ uri, hash }: CertificateReference): CertPayload {
  const data = new Uint8Array(Buffer.concat([Buffer.from(hash, "hex"), Buffer.from(uri, "latin1")]));
  return { type: PayloadType.CERT, encoding: CertEncoding.X509_HASH_AND_URL, data };
}

/** @returns undefined for what is no reference, or to another place than a web server: a peer has no say in what else we read */
export function readReference({ data }: CertPayload): CertificateReference | undefined {
  const hash = Buffer.from(data.subarray(0, SHA1_OCTETS)).toString("hex");
  const uri = Buffer.from(data.subarray(SHA1_OCTETS)).toString("latin1");
  return /^https?:\/\/[\x21-\x7e]+$/i.test(uri) ? { uri, hash } : undefined;
}
