/** The elements of DER that certificates are made of, X.690. */
export enum Tag {
  INTEGER = 0x02,
  BIT_STRING = 0x03,
  OCTET_STRING = 0x04,
  NULL = 0x05,
  OID = 0x06,
  UTF8_STRING = 0x0c,
  PRINTABLE_STRING = 0x13,
  UTC_TIME = 0x17,
  GENERALIZED_TIME = 0x18,
  SEQUENCE = 0x30,
  SET = 0x31,
}

/** UTCTime has two digits for the year, which stand for 1950 to 2049: RFC 5280 section 4.1.2.5. */
const UTC_TIME_YEARS = { first: 1950, last: 2049 };

/** Of an element that the context names. */
export const contextTag = (number: number, isConstructed = false): number => (isConstructed ? 0xa0 : 0x80) | number;

/** An element of these contents. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, { length: octets }) => sum + octets, 0);
  return Buffer.concat([Uint8Array.of(tag, ...lengthOctets(length)), ...contents]);
}

/** @param text with dots */
export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return der(Tag.OID, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)));
}

/** @param value a whole number, not negative */
export function integer(value: number): Uint8Array {
  const hex = value.toString(16);
  const octets = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  // The first bit is the sign.
  return der(Tag.INTEGER, octets[0]! >= 0x80 ? Buffer.concat([Uint8Array.of(0), octets]) : octets);
}

/** A whole number of octets. */
export const bitString = (octets: Uint8Array): Uint8Array => der(Tag.BIT_STRING, Uint8Array.of(0), octets);

/** @param ms since 1970, up to the year 9999 */
export function time(ms: number): Uint8Array {
  const date = new Date(ms);
  const digits = date.toISOString().replaceAll(/\.\d+|[-:T]/g, "");
  const { first, last } = UTC_TIME_YEARS;
  const isShort = date.getUTCFullYear() >= first && date.getUTCFullYear() <= last;
  return der(isShort ? Tag.UTC_TIME : Tag.GENERALIZED_TIME, Buffer.from(isShort ? digits.slice(2) : digits));
}

/** A distinguished name of one attribute for each type, in this order. @param attributes OID and value */
export function name(...attributes: readonly (readonly [type: string, value: Uint8Array])[]): Uint8Array {
  const rdns = attributes.map(([type, value]) => der(Tag.SET, der(Tag.SEQUENCE, oid(type), value)));
  return der(Tag.SEQUENCE, ...rdns);
}

function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length];
  const octets: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) octets.unshift(rest & 0xff);
  return [0x80 | octets.length, ...octets];
}

function base128(value: number): number[] {
  const octets = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) octets.unshift(0x80 | (rest & 0x7f));
  return octets;
}
