import { children, isInteger, isSequence, isTagged, isTime, octetsOf, parseDer, timeOf } from "./der.js";
import type { Der } from "./der.js";
import { EXTENSION, Extensions } from "./extensions.js";

/** An entry of a CRL. */
export interface RevokedEntry {
  /** Content octets of the serial number's INTEGER. */
  readonly serial: Buffer;
  readonly date: Date;
  /** Number of the reason, RFC 5280 section 5.3.1; 0 where none is given. */
  readonly reason: number;
}

/** What a CRL has, its signature unverified. */
export interface RevocationListContent {
  readonly issuer: Der;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  readonly revoked: readonly RevokedEntry[];
  readonly extensions: Extensions;
}

/** Reads a CRL in DER, RFC 5280 section 5. @throws {Error} for what is none */
export function readRevocationList(data: Buffer): RevocationListContent {
  const fields = [...children(children(parseDer(data))[0]!)];
  if (isInteger(fields[0])) fields.shift();
  const [, issuer, thisUpdate, ...rest] = fields as [Der, Der, Der, ...Der[]];
  if (!isTime(thisUpdate)) throw new Error("it is no CRL");
  const nextUpdate = isTime(rest[0]) ? timeOf(rest.shift()!) : undefined;
  const revoked = isSequence(rest[0]) ? children(rest[0]).map(readEntry) : [];
  const extensionList = rest.find((field) => isTagged(field, 0));
  const extensions = Extensions.read(extensionList && children(extensionList)[0]);
  return { issuer, thisUpdate: timeOf(thisUpdate), nextUpdate, revoked, extensions };
}

function readEntry(entry: Der): RevokedEntry {
  const [serial, date, extensionList] = children(entry) as [Der, Der, Der | undefined];
  const reason = Extensions.read(extensionList).get(EXTENSION.REASON_CODE);
  return { serial: octetsOf(serial), date: timeOf(date), reason: reason === undefined ? 0 : octetsOf(reason)[0]! };
}
