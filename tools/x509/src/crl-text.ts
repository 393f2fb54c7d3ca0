import { authorityKeyId, withoutSign } from "./certificate-text.js";
import { beginText, dateText, endText } from "./date-text.js";
import type { TextStyle } from "./date-text.js";
import { octetsOf } from "./der.js";
import { EXTENSION, REVOCATION_REASONS } from "./extensions.js";
import { distributionPoints, nameText } from "./general-name.js";
import { colons } from "./public-key-text.js";
import { readRevocationList } from "./revocation-list.js";
import type { RevokedEntry } from "./revocation-list.js";

/** A CRL in DER, RFC 5280 section 5. @throws {Error} for what is none */
export function crlText(data: Buffer, { isUtc, isShort, now }: TextStyle): string {
  const { issuer, thisUpdate, nextUpdate, revoked, extensions } = readRevocationList(data);
  const number = extensions.get(EXTENSION.CRL_NUMBER);
  const base = extensions.get(EXTENSION.DELTA_CRL_INDICATOR);
  const authorityKey = authorityKeyId(extensions);
  const fresh = distributionPoints(extensions.get(EXTENSION.FRESHEST_CRL));
  const lines = [
    `  issuer:   "${nameText(issuer)}"`,
    `  update:    this on ${dateText(thisUpdate, isUtc)}, ${beginText(thisUpdate, now)}`,
  ];
  if (nextUpdate !== undefined) lines.push(`             next on ${dateText(nextUpdate, isUtc)}, ${endText(nextUpdate, now)}`);
  if (number !== undefined) lines.push(`  serial:    ${colons(withoutSign(octetsOf(number)))}`);
  if (base !== undefined) lines.push(`  delta CRL: for serial ${colons(withoutSign(octetsOf(base)))}`);
  lines.push(`  authKeyId: ${authorityKey === undefined ? "" : colons(authorityKey)}`);
  lines.push(...fresh.map(({ name }, index) => `  ${(index === 0 ? "freshest:" : "").padEnd(10)} ${name}`));
  const count = `  ${revoked.length} revoked certificate${revoked.length === 1 ? "" : "s"}`;
  if (isShort || revoked.length === 0) lines.push(count);
  else lines.push(`${count}:`, ...revoked.map((entry) => revokedText(entry, isUtc)));
  return `${lines.join("\n")}\n`;
}

function revokedText({ serial, date, reason }: RevokedEntry, isUtc: boolean): string {
  return `    ${colons(withoutSign(serial))}: ${dateText(date, isUtc)}, ${REVOCATION_REASONS[reason] ?? String(reason)}`;
}
