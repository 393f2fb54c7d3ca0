import { integer, parseDer, sequence, spkiOf, subjectKeyHash, tagged, time } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import type { KeyObject } from "node:crypto";
import type { Validity } from "../options/validity.js";
import { attempt } from "../pki-error.js";
import { certificateExtensions } from "./certificate-extensions.js";
import type { CertificateFeatures } from "./certificate-extensions.js";
import type { Signer } from "./signature-algorithm.js";
import { signed } from "./signed.js";

/** What is certified. Names are Names, the serial number is in network order. */
export interface CertificateContent {
  readonly subject: Der;
  readonly publicKey: KeyObject;
  readonly issuer: Der;
  /** Of the issuer's key; undefined in a self-signed certificate. */
  readonly authorityKeyId: Uint8Array | undefined;
  readonly serial: Uint8Array;
  readonly validity: Validity;
  readonly features: CertificateFeatures;
}

const VERSION_3 = 2;

/** A certificate in DER, RFC 5280 section 4.1. @throws {PkiError} */
export function makeCertificate(content: CertificateContent, signer: Signer): Buffer {
  const { subject, publicKey, issuer, authorityKeyId, serial, validity, features } = content;
  const spki = spkiOf(publicKey);
  const extensions = attempt("an extension cannot be made", () =>
    certificateExtensions(features, subjectKeyHash(spki), authorityKeyId),
  );
  const toBeSigned = sequence(
    tagged(0, [integer(VERSION_3)]),
    integer(serial),
    signer.algorithm,
    issuer,
    sequence(time(validity.begin), time(validity.end)),
    subject,
    parseDer(spki),
    ...(extensions.length === 0 ? [] : [tagged(3, [sequence(...extensions)])]),
  );
  return signed(toBeSigned, signer);
}
