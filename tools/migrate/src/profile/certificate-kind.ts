import { X509Certificate } from "node:crypto";

/** What matters of the certificate that a profile trusts. */
export interface TrustedCertificate {
  readonly isAuthority: boolean;
  /** Its subject in strongSwan's notation. */
  readonly subject: string;
}

/** @param octets DER or PEM @returns undefined if it is no certificate */
export function trustedCertificate(octets: Uint8Array): TrustedCertificate | undefined {
  try {
    const certificate = new X509Certificate(octets);
    return { isAuthority: certificate.ca, subject: certificate.subject.split("\n").join(", ") };
  } catch (error) {
    // All that its constructor refuses has a code of OpenSSL.
    if ((error as NodeJS.ErrnoException).code?.startsWith("ERR_OSSL") === true) return undefined;
    throw error;
  }
}
