import { children, isTagged, objectIdentifier, octetsOf, oidOf, parseDer, sequence, tagged } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";

/** Types of content, RFC 5652. */
export const CONTENT = {
  DATA: "1.2.840.113549.1.7.1",
  SIGNED_DATA: "1.2.840.113549.1.7.2",
  ENVELOPED_DATA: "1.2.840.113549.1.7.3",
} as const;

/** A ContentInfo, RFC 5652 section 3. */
export interface ContentInfo {
  /** OID. */
  readonly type: string;
  readonly content: Der | undefined;
}

/** @throws {Error} for what is none */
export function readContentInfo(octets: Buffer): ContentInfo {
  return contentInfoOf(parseDer(octets));
}

/** @throws {Error} for what is none */
export function contentInfoOf(value: Der | undefined): ContentInfo {
  const [type, wrapped] = children(value);
  return { type: oidOf(type), content: isTagged(wrapped, 0) ? children(wrapped)[0] : undefined };
}

export function contentInfo(type: string, content: Der): Der {
  return sequence(objectIdentifier(type), tagged(0, [content]));
}

/** The issuer and serial number that a certificate is named by, RFC 5652 section 10.2.4. @param der a certificate */
export function issuerAndSerial(der: Uint8Array): Der {
  const fields = [...children(children(parseDer(der))[0])];
  if (isTagged(fields[0], 0)) fields.shift();
  const [serial, , issuer] = fields as [Der, Der, Der];
  return sequence(issuer, serial);
}

/** Octets of a string, which may be in an OCTET STRING that is made of others. @throws {Error} for others */
export function contentOctets(value: Der | undefined): Buffer {
  if (value !== undefined && Array.isArray(value.value)) return Buffer.concat(value.value.map(octetsOf));
  return octetsOf(value);
}
