import { X509Certificate } from "node:crypto";
import { addressBlockTexts } from "./address-block.js";
import { constraintLines } from "./constraint-text.js";
import { beginText, dateText, endText } from "./date-text.js";
import type { TextStyle } from "./date-text.js";
import { children, isTagged, isTrue, octetsOf, oidOf, parseDer, timeOf, toDer } from "./der.js";
import type { Der } from "./der.js";
import { ACCESS_OCSP, EXTENDED_USAGES, EXTENSION, Extensions } from "./extensions.js";
import { distributionPoints, generalNameTexts, nameText } from "./general-name.js";
import { colons, publicKeyLines, subjectKeyHash } from "./public-key-text.js";

/** Bit 6 of the key usage. */
const CRL_SIGN = 0x02;

/**
 * An X.509 certificate in DER, RFC 5280 section 4.
 * @throws {Error} for what is no certificate
 */
export function certificateText(data: Buffer, hasPrivateKey: boolean, { isUtc, isShort, now }: TextStyle): string {
  const fields = [...children(children(parseDer(data))[0]!)];
  if (isTagged(fields[0], 0)) fields.shift();
  const [serial, , issuer, validity, subject, publicKey] = fields as [Der, Der, Der, Der, Der, Der];
  const [notBefore, notAfter] = children(validity).map(timeOf) as [Date, Date];
  const extensionList = fields.find((field) => isTagged(field, 3));
  const extensions = Extensions.read(extensionList && children(extensionList)[0]);
  const altNames = extensions.get(EXTENSION.SUBJECT_ALT_NAME);
  const names = altNames === undefined ? [] : generalNameTexts(children(altNames));
  const lines = [
    `  subject:  "${nameText(subject)}"`,
    `  issuer:   "${nameText(issuer)}"`,
    `  validity:  not before ${dateText(notBefore, isUtc)}, ${beginText(notBefore, now)}`,
    `             not after  ${dateText(notAfter, isUtc)}, ${endText(notAfter, now)}`,
    `  serial:    ${colons(withoutSign(octetsOf(serial)))}`,
  ];
  if (names.length > 0) lines.push(`  altNames:  ${names.join(", ")}`);
  if (!isShort) {
    const shown = flags(extensions, isSelfSigned(data)).map((flag) => `${flag} `);
    lines.push(`  flags:     ${shown.join("")}`, ...detailLines(extensions));
  }
  const authorityKey = authorityKeyId(extensions);
  if (authorityKey !== undefined) lines.push(`  authkeyId: ${colons(authorityKey)}`);
  const subjectKey = extensions.get(EXTENSION.SUBJECT_KEY_ID);
  const spki = toDer(publicKey);
  lines.push(
    `  subjkeyId: ${subjectKey === undefined ? colons(subjectKeyHash(spki)) : colons(octetsOf(subjectKey))}`,
    ...publicKeyLines(spki, hasPrivateKey),
  );
  return `${lines.join("\n")}\n`;
}

/** The key identifier in an AuthorityKeyIdentifier. */
export function authorityKeyId(extensions: Extensions): Buffer | undefined {
  const extension = extensions.get(EXTENSION.AUTHORITY_KEY_ID);
  const id = extension && children(extension).find((field) => isTagged(field, 0));
  return id && octetsOf(id);
}

/** Without the octet that keeps a number positive. */
export function withoutSign(octets: Buffer): Buffer {
  return octets.length > 1 && octets[0] === 0 ? octets.subarray(1) : octets;
}

/** By its signature alone, as in strongSwan: a certificate may have its issuer's name, and another key. */
function isSelfSigned(data: Buffer): boolean {
  const certificate = new X509Certificate(data);
  return certificate.verify(certificate.publicKey);
}

function flags(extensions: Extensions, isSelfSigned: boolean): string[] {
  const result: string[] = [];
  const constraints = extensions.get(EXTENSION.BASIC_CONSTRAINTS);
  if (constraints !== undefined && children(constraints).some(isTrue)) result.push("CA");
  const keyUsage = extensions.get(EXTENSION.KEY_USAGE);
  if (keyUsage !== undefined && (octetsOf(keyUsage)[1]! & CRL_SIGN) !== 0) result.push("CRLSign");
  const extended = extensions.get(EXTENSION.EXTENDED_KEY_USAGE);
  const usages = extended === undefined ? [] : children(extended).map(oidOf);
  for (const [flag, oid] of Object.entries(EXTENDED_USAGES)) if (usages.includes(oid)) result.push(flag);
  if (isSelfSigned) result.push("self-signed");
  return result;
}

function detailLines(extensions: Extensions): string[] {
  const crls = distributionPoints(extensions.get(EXTENSION.CRL_DISTRIBUTION_POINTS));
  const crlTexts = crls.map(({ name, issuer }) => (issuer === undefined ? name : `${name} (CRL issuer: ${issuer})`));
  const pathLength = pathLengthOf(extensions);
  const addresses = addressBlockTexts(extensions.get(EXTENSION.IP_ADDRESS_BLOCKS));
  return [
    ...uriLines("CRL URIs:", crlTexts),
    ...uriLines("OCSP URIs:", ocspUris(extensions)),
    ...(pathLength === undefined ? [] : [`  pathlen:   ${pathLength}`]),
    ...constraintLines(extensions),
    ...(addresses.length === 0 ? [] : [`  addresses: ${addresses.join(", ")}`]),
  ];
}

function pathLengthOf(extensions: Extensions): number | undefined {
  const constraints = extensions.get(EXTENSION.BASIC_CONSTRAINTS);
  const length = constraints && children(constraints)[1];
  return length && octetsOf(length).readUIntBE(0, octetsOf(length).length);
}

function ocspUris(extensions: Extensions): string[] {
  const access = extensions.get(EXTENSION.AUTHORITY_INFO_ACCESS);
  if (access === undefined) return [];
  return children(access).flatMap((description) => {
    const [method, location] = children(description) as [Der, Der];
    return oidOf(method) === ACCESS_OCSP ? generalNameTexts([location]) : [];
  });
}

function uriLines(label: string, uris: readonly string[]): string[] {
  return uris.map((uri, index) => (index === 0 ? `  ${label.padEnd(10)} ${uri}` : `           ${uri}`));
}
