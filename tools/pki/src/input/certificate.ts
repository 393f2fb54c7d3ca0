import { EXTENSION, Extensions, children, derOf, isTagged, octetsOf, parseDer, spkiOf, subjectKeyHash } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { PkiError, attempt } from "../pki-error.js";
import type { Input } from "./read-file.js";

/** What is taken from a certificate. */
export interface CertificateParts {
  /** A Name. */
  readonly subject: Der;
  readonly publicKey: KeyObject;
  /** In network order. */
  readonly serial: Buffer;
  readonly isCa: boolean;
  readonly maySignCrls: boolean;
  /** Its subject key identifier, that of its key where it has none. */
  readonly keyId: Buffer;
}

const LABELS = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"];
/** Bit 6 of the key usage. */
const CRL_SIGN = 0x02;

/** The certificate in PEM or DER, without what OpenSSL's trusted certificates have behind it. @throws {PkiError} */
export function certificateDer(input: Input): Buffer {
  return openCertificate(input).raw;
}

/** @throws {PkiError} for what is no certificate, or has a key of a kind that OpenSSL does not know */
export function certificateOf(input: Input): CertificateParts {
  const certificate = openCertificate(input);
  return attempt(`${input.name} is no certificate`, () => {
    const fields = [...children(children(parseDer(certificate.raw))[0]!)];
    if (isTagged(fields[0], 0)) fields.shift();
    const [serial, , , , subject] = fields as [Der, Der, Der, Der, Der];
    const list = fields.find((field) => isTagged(field, 3));
    const extensions = Extensions.read(list && children(list)[0]);
    const keyId = extensions.get(EXTENSION.SUBJECT_KEY_ID);
    const usage = extensions.get(EXTENSION.KEY_USAGE);
    return {
      subject,
      publicKey: certificate.publicKey,
      serial: octetsOf(serial),
      isCa: certificate.ca,
      maySignCrls: usage !== undefined && (octetsOf(usage)[1]! & CRL_SIGN) !== 0,
      keyId: keyId === undefined ? subjectKeyHash(spkiOf(certificate.publicKey)) : octetsOf(keyId),
    };
  });
}

function openCertificate({ octets, name }: Input): X509Certificate {
  const der = derOf(octets, LABELS);
  if (der === undefined) throw new PkiError(`${name} has no certificate`);
  try {
    return new X509Certificate(der);
  } catch (error) {
    // The library's words tell nobody anything.
    throw new PkiError(`${name} is no certificate`, { cause: error });
  }
}
