import type { SigningKey } from "@cygnet/plugin-api";
import { Tag, bitString, contextTag, der, integer, oid, time } from "./der.js";
import type { SignatureAlgorithm } from "./signature-algorithm.js";

/** What a certificate says, RFC 5280 section 4.1. Names, key and extensions are DER. */
export interface CertificateContent {
  readonly serial: number;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  readonly extensions: readonly Uint8Array[];
}

/** Certificates with extensions are of version 3. */
const V3 = 2;
const TRUE = der(0x01, Uint8Array.of(0xff));
const VERSION = der(contextTag(0, true), integer(V3));

/** Signs a certificate beside the thread that asks. @returns DER */
export async function signCertificate(
  key: SigningKey,
  { identifier, parameters }: SignatureAlgorithm,
  { serial, issuer, subject, notBefore, notAfter, publicKey, extensions }: CertificateContent,
): Promise<Uint8Array> {
  const tbs = der(
    Tag.SEQUENCE,
    VERSION,
    integer(serial),
    identifier,
    issuer,
    der(Tag.SEQUENCE, time(notBefore), time(notAfter)),
    subject,
    publicKey,
    ...(extensions.length === 0 ? [] : [der(contextTag(3, true), der(Tag.SEQUENCE, ...extensions))]),
  );
  return der(Tag.SEQUENCE, tbs, identifier, bitString(await key.sign(parameters, tbs, "der")));
}

/** @param value DER */
export function extension(type: string, value: Uint8Array, isCritical = false): Uint8Array {
  return der(Tag.SEQUENCE, oid(type), ...(isCritical ? [TRUE] : []), der(Tag.OCTET_STRING, value));
}
