import forge from "node-forge";

/** A value of DER (X.690). */
export type Der = forge.asn1.Asn1;

const { Class, Type } = forge.asn1;
/** UTCTime has two digits for the year, RFC 5280 section 4.1.2.5. */
const FIRST_UTC_YEAR = 1950;
const LAST_UTC_YEAR = 2049;
/** Types of strings; VisibleString has no name in the library. */
const STRINGS = { utf8: Type.UTF8, ia5: Type.IA5STRING, printable: Type.PRINTABLESTRING, visible: 26 as forge.asn1.Type };

/** @throws {Error} for what is no DER */
export function parseDer(octets: Uint8Array): Der {
  // Signatures are shown nowhere, and octets of a BIT STRING that look like DER are no tree.
  const options = { strict: true, decodeBitStrings: false } as unknown as boolean;
  return forge.asn1.fromDer(Buffer.from(octets).toString("binary"), options);
}

/** @throws {Error} where there is none */
export function toDer(value: Der | undefined): Buffer {
  return Buffer.from(forge.asn1.toDer(present(value)).getBytes(), "binary");
}

/** What a constructed value has. @throws {Error} for others, and where there is none */
export function children(value: Der | undefined): readonly Der[] {
  const content = present(value).value;
  if (!Array.isArray(content)) throw new Error("a value where a structure is due");
  return content;
}

/**
 * The content of a primitive value; a BIT STRING has the octet of its unused bits in front.
 * @throws {Error} for others, and where there is none
 */
export function octetsOf(value: Der | undefined): Buffer {
  const content = present(value).value;
  if (typeof content !== "string") throw new Error("a structure where a value is due");
  return Buffer.from(content, "binary");
}

export function oidOf(value: Der | undefined): string {
  return forge.asn1.derToOid(octetsOf(value).toString("binary"));
}

/** UTCTime or GeneralizedTime. @throws {Error} for others */
export function timeOf(value: Der | undefined): Date {
  if (!isTime(value)) throw new Error("a time is missing");
  const text = octetsOf(value).toString("latin1");
  return isUtcTime(value) ? forge.asn1.utcTimeToDate(text) : forge.asn1.generalizedTimeToDate(text);
}

/** Whether it is a UTCTime or a GeneralizedTime. */
export function isTime(value: Der | undefined): value is Der {
  return value !== undefined && (isUtcTime(value) || isUniversal(value, Type.GENERALIZEDTIME));
}

export function isSequence(value: Der | undefined): value is Der {
  return isUniversal(value, Type.SEQUENCE);
}

export function isInteger(value: Der | undefined): value is Der {
  return isUniversal(value, Type.INTEGER);
}

/** Whether it is a BOOLEAN that is true. */
export function isTrue(value: Der | undefined): boolean {
  return isUniversal(value, Type.BOOLEAN) && octetsOf(value)[0] !== 0;
}

/** Whether it is the context specific tag `number`. */
export function isTagged(value: Der | undefined, number: number): value is Der {
  return value !== undefined && value.tagClass === Class.CONTEXT_SPECIFIC && (value.type as number) === number;
}

/** A SEQUENCE, or a SET, of what is given in that order. */
export const sequence = (...parts: Der[]): Der => forge.asn1.create(Class.UNIVERSAL, Type.SEQUENCE, true, parts);
export const set = (...parts: Der[]): Der => forge.asn1.create(Class.UNIVERSAL, Type.SET, true, parts);

/** A number that is not negative; octets are in network order. */
export function integer(value: number | Uint8Array): Der {
  const octets = typeof value === "number" ? Buffer.from(evenHex(value), "hex") : Buffer.from(value);
  const first = octets.findIndex((octet) => octet !== 0);
  const short = first < 0 ? Buffer.of(0) : octets.subarray(first);
  return primitive(Type.INTEGER, short[0]! >= 0x80 ? Buffer.concat([Buffer.of(0), short]) : short);
}

export const enumerated = (value: number): Der => primitive(Type.ENUMERATED, Buffer.of(value));
export const trueValue = (): Der => primitive(Type.BOOLEAN, Buffer.of(0xff));
export const nullValue = (): Der => primitive(Type.NULL, Buffer.alloc(0));
export const octetString = (octets: Uint8Array): Der => primitive(Type.OCTETSTRING, octets);

/** @param unused how many bits of the last octet do not count */
export const bitString = (octets: Uint8Array, unused = 0): Der =>
  primitive(Type.BITSTRING, Buffer.concat([Buffer.of(unused), octets]));

export function string(type: keyof typeof STRINGS, text: string): Der {
  return primitive(STRINGS[type], Buffer.from(text, "utf8"));
}

/** @throws {Error} unless it is numbers with dots between them that can be an OID */
export function objectIdentifier(text: string): Der {
  if (!/^(?:[01]\.(?:[0-9]|[1-3][0-9])|2\.\d{1,9})(?:\.\d{1,10})*$/.test(text)) throw new Error(`'${text}' is no OID`);
  return primitive(Type.OID, Buffer.from(forge.asn1.oidToDer(text).getBytes(), "binary"));
}

/** A UTCTime as long as its two digits are enough, as RFC 5280 section 4.1.2.5 demands. Milliseconds are dropped. */
export function time(date: Date): Der {
  const year = date.getUTCFullYear();
  return year >= FIRST_UTC_YEAR && year <= LAST_UTC_YEAR
    ? primitive(Type.UTCTIME, Buffer.from(forge.asn1.dateToUtcTime(date)))
    : primitive(Type.GENERALIZEDTIME, Buffer.from(forge.asn1.dateToGeneralizedTime(date)));
}

/** A context specific tag around values, or for octets in place of their own tag. */
export function tagged(number: number, content: readonly Der[] | Uint8Array): Der {
  const isPrimitive = content instanceof Uint8Array;
  const value = isPrimitive ? Buffer.from(content).toString("binary") : [...content];
  return forge.asn1.create(Class.CONTEXT_SPECIFIC, number as forge.asn1.Type, !isPrimitive, value);
}

/** Structures are taken apart by position, and those from elsewhere may be shorter. */
function present(value: Der | undefined): Der {
  if (value === undefined) throw new Error("a field is missing");
  return value;
}

function primitive(type: forge.asn1.Type, octets: Uint8Array): Der {
  return forge.asn1.create(Class.UNIVERSAL, type, false, Buffer.from(octets).toString("binary"));
}

function isUniversal(value: Der | undefined, type: forge.asn1.Type): value is Der {
  return value !== undefined && value.tagClass === Class.UNIVERSAL && value.type === type;
}

function isUtcTime(value: Der): boolean {
  return isUniversal(value, Type.UTCTIME);
}

function evenHex(value: number): string {
  const digits = value.toString(16);
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}
