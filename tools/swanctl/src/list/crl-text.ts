import forge from "node-forge";
import { authorityKeyId, withoutSign } from "./certificate-text.js";
import { beginText, dateText, endText } from "./date-text.js";
import type { TextStyle } from "./date-text.js";
import { children, extensionsOf, isTagged, nameText, octetsOf, parseDer, timeOf } from "./der.js";
import type { Der } from "./der.js";
import { colons } from "./public-key-text.js";

const CRL_NUMBER = "2.5.29.20";
const REASON_CODE = "2.5.29.21";
/** By number, RFC 5280 section 5.3.1. */
const REASONS: readonly string[] = [
  "unspecified",
  "key compromise",
  "ca compromise",
  "affiliation changed",
  "superseded",
  "cessation of operation",
  "certificate hold",
  "",
  "remove from crl",
];

/** A CRL in DER, RFC 5280 section 5. @throws {Error} for what is none */
export function crlText(data: Buffer, { isUtc, isShort, now }: TextStyle): string {
  const fields = [...children(children(parseDer(data))[0]!)];
  if (fields[0]!.type === forge.asn1.Type.INTEGER) fields.shift();
  const [, issuer, thisUpdate] = fields as [Der, Der, Der];
  const rest = fields.slice(3);
  const nextUpdate = rest[0] !== undefined && typeof rest[0].value === "string" ? timeOf(rest.shift()!) : undefined;
  const revoked = rest[0]?.type === forge.asn1.Type.SEQUENCE ? children(rest[0]).map((entry) => revokedText(entry, isUtc)) : [];
  const extensionList = rest.find((field) => isTagged(field, 0));
  const extensions = extensionList === undefined ? new Map<string, Der>() : extensionsOf(children(extensionList)[0]!);
  const number = extensions.get(CRL_NUMBER);
  const authorityKey = authorityKeyId(extensions);
  const begin = timeOf(thisUpdate);
  const lines = [`  issuer:   "${nameText(issuer)}"`, `  update:    this on ${dateText(begin, isUtc)}, ${beginText(begin, now)}`];
  if (nextUpdate !== undefined) lines.push(`             next on ${dateText(nextUpdate, isUtc)}, ${endText(nextUpdate, now)}`);
  if (number !== undefined) lines.push(`  serial:    ${colons(withoutSign(octetsOf(number)))}`);
  lines.push(`  authKeyId: ${authorityKey === undefined ? "" : colons(authorityKey)}`);
  const count = `  ${revoked.length} revoked certificate${revoked.length === 1 ? "" : "s"}`;
  if (isShort || revoked.length === 0) lines.push(count);
  else lines.push(`${count}:`, ...revoked);
  return `${lines.join("\n")}\n`;
}

function revokedText(entry: Der, isUtc: boolean): string {
  const [serial, date, extensionList] = children(entry) as [Der, Der, Der | undefined];
  const reason = extensionList && extensionsOf(extensionList).get(REASON_CODE);
  const code = reason === undefined ? 0 : octetsOf(reason)[0]!;
  return `    ${colons(withoutSign(octetsOf(serial)))}: ${dateText(timeOf(date), isUtc)}, ${REASONS[code] ?? String(code)}`;
}
