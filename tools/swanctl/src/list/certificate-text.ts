import { beginText, dateText, endText } from "./date-text.js";
import type { TextStyle } from "./date-text.js";
import { children, extensionsOf, isTagged, nameText, octetsOf, oidOf, parseDer, timeOf, toDer } from "./der.js";
import type { Der } from "./der.js";
import { colons, publicKeyLines, subjectKeyHash } from "./public-key-text.js";

/** Extensions of RFC 5280 section 4.2 that are shown. */
const EXTENSION = {
  SUBJECT_KEY_ID: "2.5.29.14",
  KEY_USAGE: "2.5.29.15",
  SUBJECT_ALT_NAME: "2.5.29.17",
  BASIC_CONSTRAINTS: "2.5.29.19",
  CRL_DISTRIBUTION_POINTS: "2.5.29.31",
  AUTHORITY_KEY_ID: "2.5.29.35",
  EXTENDED_KEY_USAGE: "2.5.29.37",
  AUTHORITY_INFO_ACCESS: "1.3.6.1.5.5.7.1.1",
} as const;
const OCSP = "1.3.6.1.5.5.7.48.1";
/** In the order in which they are shown. */
const EXTENDED_USAGES: readonly (readonly [flag: string, oid: string])[] = [
  ["OCSPSigning", "1.3.6.1.5.5.7.3.9"],
  ["serverAuth", "1.3.6.1.5.5.7.3.1"],
  ["clientAuth", "1.3.6.1.5.5.7.3.2"],
  ["ikeIntermediate", "1.3.6.1.5.5.8.2.2"],
  ["msSmartcardLogon", "1.3.6.1.4.1.311.20.2.2"],
];
/** Bit 6 of the key usage. */
const CRL_SIGN = 0x02;

/**
 * An X.509 certificate in DER. Name constraints and policies are not shown.
 * @throws {Error} for what is no certificate
 */
export function certificateText(data: Buffer, hasPrivateKey: boolean, { isUtc, isShort, now }: TextStyle): string {
  const fields = [...children(children(parseDer(data))[0]!)];
  if (isTagged(fields[0], 0)) fields.shift();
  const [serial, , issuer, validity, subject, publicKey] = fields as [Der, Der, Der, Der, Der, Der];
  const [notBefore, notAfter] = children(validity).map(timeOf) as [Date, Date];
  const extensionList = fields.find((field) => isTagged(field, 3));
  const extensions = extensionList === undefined ? new Map<string, Der>() : extensionsOf(children(extensionList)[0]!);
  const names = generalNames(extensions.get(EXTENSION.SUBJECT_ALT_NAME));
  const lines = [
    `  subject:  "${nameText(subject)}"`,
    `  issuer:   "${nameText(issuer)}"`,
    `  validity:  not before ${dateText(notBefore, isUtc)}, ${beginText(notBefore, now)}`,
    `             not after  ${dateText(notAfter, isUtc)}, ${endText(notAfter, now)}`,
    `  serial:    ${colons(withoutSign(octetsOf(serial)))}`,
  ];
  if (names.length > 0) lines.push(`  altNames:  ${names.join(", ")}`);
  if (!isShort) {
    const isSelfSigned = toDer(issuer).equals(toDer(subject));
    lines.push(
      `  flags:     ${flags(extensions, isSelfSigned)
        .map((flag) => `${flag} `)
        .join("")}`,
    );
    lines.push(...uriLines("CRL URIs:", crlUris(extensions)), ...uriLines("OCSP URIs:", ocspUris(extensions)));
    const pathLength = pathLengthOf(extensions);
    if (pathLength !== undefined) lines.push(`  pathlen:   ${pathLength}`);
  }
  const authorityKey = authorityKeyId(extensions);
  if (authorityKey !== undefined) lines.push(`  authkeyId: ${colons(authorityKey)}`);
  const subjectKey = extensions.get(EXTENSION.SUBJECT_KEY_ID);
  const keyLines = publicKeyLines(toDer(publicKey), hasPrivateKey);
  lines.push(
    `  subjkeyId: ${subjectKey === undefined ? subjectKeyHash(toDer(publicKey)) : colons(octetsOf(subjectKey))}`,
    ...keyLines,
  );
  return `${lines.join("\n")}\n`;
}

/** The key identifier in an AuthorityKeyIdentifier. */
export function authorityKeyId(extensions: ReadonlyMap<string, Der>): Buffer | undefined {
  const extension = extensions.get(EXTENSION.AUTHORITY_KEY_ID);
  const id = extension && children(extension).find((field) => isTagged(field, 0));
  return id && octetsOf(id);
}

/** Without the octet that keeps a number positive. */
export function withoutSign(octets: Buffer): Buffer {
  return octets.length > 1 && octets[0] === 0 ? octets.subarray(1) : octets;
}

function flags(extensions: ReadonlyMap<string, Der>, isSelfSigned: boolean): string[] {
  const result: string[] = [];
  const constraints = extensions.get(EXTENSION.BASIC_CONSTRAINTS);
  const isCa = constraints !== undefined && children(constraints).some((field) => field.type === 1 && octetsOf(field)[0] !== 0);
  if (isCa) result.push("CA");
  const keyUsage = extensions.get(EXTENSION.KEY_USAGE);
  if (keyUsage !== undefined && (octetsOf(keyUsage)[1]! & CRL_SIGN) !== 0) result.push("CRLSign");
  const extended = extensions.get(EXTENSION.EXTENDED_KEY_USAGE);
  const usages = extended === undefined ? [] : children(extended).map(oidOf);
  for (const [flag, oid] of EXTENDED_USAGES) if (usages.includes(oid)) result.push(flag);
  if (isSelfSigned) result.push("self-signed");
  return result;
}

function pathLengthOf(extensions: ReadonlyMap<string, Der>): number | undefined {
  const constraints = extensions.get(EXTENSION.BASIC_CONSTRAINTS);
  const length = constraints && children(constraints)[1];
  return length && octetsOf(length).readUIntBE(0, octetsOf(length).length);
}

function crlUris(extensions: ReadonlyMap<string, Der>): string[] {
  const points = extensions.get(EXTENSION.CRL_DISTRIBUTION_POINTS);
  if (points === undefined) return [];
  return children(points)
    .flatMap((point) => children(point).filter((field) => isTagged(field, 0)))
    .flatMap((name) => children(name).filter((field) => isTagged(field, 0)))
    .flatMap((full) => children(full).filter((field) => isTagged(field, 6)))
    .map((uri) => octetsOf(uri).toString("latin1"));
}

function ocspUris(extensions: ReadonlyMap<string, Der>): string[] {
  const access = extensions.get(EXTENSION.AUTHORITY_INFO_ACCESS);
  if (access === undefined) return [];
  return children(access).flatMap((description) => {
    const [method, location] = children(description);
    return oidOf(method!) === OCSP && isTagged(location, 6) ? [octetsOf(location).toString("latin1")] : [];
  });
}

function uriLines(label: string, uris: readonly string[]): string[] {
  return uris.map((uri, index) => `  ${(index === 0 ? label : "").padEnd(10)} ${uri}`);
}

/** GeneralNames of RFC 5280 section 4.2.1.6: mail addresses, hosts, URIs, directory names and addresses. */
function generalNames(list: Der | undefined): string[] {
  if (list === undefined) return [];
  return children(list).flatMap((name) => {
    if (isTagged(name, 1) || isTagged(name, 2) || isTagged(name, 6)) return [octetsOf(name).toString("latin1")];
    if (isTagged(name, 4)) return [nameText(children(name)[0]!)];
    return isTagged(name, 7) ? [addressText(octetsOf(name))] : [];
  });
}

function addressText(octets: Buffer): string {
  if (octets.length === 4) return octets.join(".");
  const groups = octets.toString("hex").match(/.{1,4}/g) ?? [];
  // The URL parser knows the canonical form of RFC 5952.
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}
