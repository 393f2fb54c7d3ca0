import { EMAIL_OID, IA5_OIDS, attributeName, attributeOid } from "./attribute-types.js";
import {
  DER_IA5_STRING,
  DER_OID,
  DER_PRINTABLE_STRING,
  DER_SEQUENCE,
  DER_SET,
  DER_UTF8_STRING,
  readDer,
  writeDer,
} from "./der.js";
import { bytesEqual, hexOf, latin1Of, printable } from "./text.js";

/**
 * Distinguished names, RFC 5280 section 4.1.2.4, in strongSwan's notation: `C=CH, O=Example, CN=x` or `/C=CH/O=Example/CN=x`.
 *
 * The notation has no escapes: a value runs to the next separator, so a name with a comma in a value needs the form with slashes.
 */

/** How an identity may differ from a pattern: `charon.rdn_matching`. */
export type RdnMatching = "strict" | "reordered" | "relaxed";

/** One attribute of a name. Multi-valued RDNs are taken apart: they match by their attributes. */
export interface Rdn {
  /** Content octets of the attribute's OID in hex. */
  readonly oid: string;
  /** ASN.1 tag of the value's string type. */
  readonly tag: number;
  /** A view into the name's encoding. */
  readonly value: Uint8Array;
}

/** Printed for what follows the last readable attribute of a broken name. */
const INVALID_TAIL = "(invalid ID_DER_ASN1_DN)";
const WILDCARD = 0x2a;
const PRINTABLE_STRING = /^[A-Za-z0-9 '()+,\-./:=?]*$/;

/** Attributes of an encoded name, as far as it can be read. */
export function readRdns(der: Uint8Array): { readonly rdns: readonly Rdn[]; readonly complete: boolean } {
  const rdns: Rdn[] = [];
  const outer = readDer(der, 0, der.length);
  if (!outer || outer.tag !== DER_SEQUENCE) return { rdns, complete: false };
  let at = outer.start;
  while (at < outer.end) {
    const set = readDer(der, at, outer.end);
    if (!set || set.tag !== DER_SET || set.start === set.end) return { rdns, complete: false };
    let inner = set.start;
    while (inner < set.end) {
      const pair = readDer(der, inner, set.end);
      if (!pair || pair.tag !== DER_SEQUENCE) return { rdns, complete: false };
      const oid = readDer(der, pair.start, pair.end);
      const value = oid?.tag === DER_OID ? readDer(der, oid.end, pair.end) : undefined;
      if (!oid || !value) return { rdns, complete: false };
      rdns.push({ oid: hexOf(der.subarray(oid.start, oid.end)), tag: value.tag, value: der.subarray(value.start, value.end) });
      inner = pair.end;
    }
    at = set.end;
  }
  return { rdns, complete: outer.end === der.length };
}

/** The text of an encoded name; unprintable octets of values become `?`. */
export function printDn(der: Uint8Array): string {
  const { rdns, complete } = readRdns(der);
  const parts = rdns.map(({ oid, value }) => `${attributeName(oid)}=${printable(value)}`);
  if (!complete && parts.length > 0) parts.push(INVALID_TAIL);
  return parts.join(", ");
}

/** Encodes a name given as text. @returns undefined when the text is not in the notation or names an unknown attribute */
export function encodeDn(text: string): Uint8Array | undefined {
  const separator = text.startsWith("/") ? "/" : ",";
  const parts = (separator === "/" ? text.slice(1) : text).split(separator);
  if (parts.length > 1 && parts.at(-1)!.trim() === "") parts.pop();
  const sets: Uint8Array[] = [];
  for (const part of parts) {
    const equals = part.indexOf("=");
    const oid = equals < 0 ? undefined : attributeOid(part.slice(0, equals).trim());
    if (oid === undefined) return undefined;
    const value = part.slice(equals + 1).trim();
    const encoded = writeDer(stringTag(oid, value), Buffer.from(value, "utf8"));
    sets.push(writeDer(DER_SET, writeDer(DER_SEQUENCE, writeDer(DER_OID, Buffer.from(oid, "hex")), encoded)));
  }
  return writeDer(DER_SEQUENCE, ...sets);
}

/** The string type for a value: PrintableString where its alphabet allows, except for the attributes that are IA5Strings by definition. */
function stringTag(oid: string, value: string): number {
  if (IA5_OIDS.has(oid) && !/[^\0-\x7f]/.test(value)) return DER_IA5_STRING;
  return PRINTABLE_STRING.test(value) ? DER_PRINTABLE_STRING : DER_UTF8_STRING;
}

/** A value of `*` matches any value. */
export function isWildcard(rdn: Rdn): boolean {
  return rdn.value.length === 1 && rdn.value[0] === WILDCARD;
}

/**
 * Whether two attributes are the same: equal octets whatever the string type; without regard to case only between two PrintableStrings,
 * or two mail addresses (RFC 5280 section 7.1 in the reading that strongSwan has of it).
 */
export function rdnEquals(a: Rdn, b: Rdn): boolean {
  if (a.oid !== b.oid || a.value.length !== b.value.length) return false;
  if (a.tag === b.tag && (a.tag === DER_PRINTABLE_STRING || (a.tag === DER_IA5_STRING && a.oid === EMAIL_OID)))
    return latin1Of(a.value).toLowerCase() === latin1Of(b.value).toLowerCase();
  return bytesEqual(a.value, b.value);
}

/**
 * How many wildcards it takes for `name` to match `pattern`, -1 when it does not.
 *
 * Strict demands the same attributes in the same order, reordered the same attributes, relaxed only those of the pattern; each attribute
 * of the name that a relaxed pattern lacks counts as a wildcard.
 */
export function countDnWildcards(name: readonly Rdn[], pattern: readonly Rdn[], matching: RdnMatching): number {
  if (pattern.length === 0 && name.length > 0) return -1;
  if (matching === "strict") return matchInOrder(name, pattern);
  if (matching === "reordered" ? name.length !== pattern.length : name.length < pattern.length) return -1;
  const unused = [...name];
  // Exact attributes first, or a wildcard could take what only fits there.
  for (const exact of [true, false]) {
    for (const wanted of pattern) {
      if (isWildcard(wanted) === exact) continue;
      const at = unused.findIndex((rdn) => (exact ? rdnEquals(rdn, wanted) : rdn.oid === wanted.oid));
      if (at < 0) return -1;
      unused.splice(at, 1);
    }
  }
  return pattern.filter(isWildcard).length + unused.length;
}

function matchInOrder(name: readonly Rdn[], pattern: readonly Rdn[]): number {
  if (name.length !== pattern.length) return -1;
  let wildcards = 0;
  for (let i = 0; i < pattern.length; i++) {
    if (rdnEquals(name[i]!, pattern[i]!)) continue;
    if (!isWildcard(pattern[i]!) || name[i]!.oid !== pattern[i]!.oid) return -1;
    wildcards++;
  }
  return wildcards;
}
