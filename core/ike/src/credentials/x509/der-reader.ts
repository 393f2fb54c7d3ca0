import { DefinitionError } from "@cygnet/plugin-api";

/** Tags of ASN.1 types, with the constructed bit where DER demands it. */
export const Tag = {
  BOOLEAN: 0x01,
  INTEGER: 0x02,
  BIT_STRING: 0x03,
  OCTET_STRING: 0x04,
  OID: 0x06,
  ENUMERATED: 0x0a,
  UTC_TIME: 0x17,
  GENERALIZED_TIME: 0x18,
  SEQUENCE: 0x30,
  SET: 0x31,
} as const;

/** The tag of a context-specific field. */
export const contextTag = (number: number, isConstructed = true): number => (isConstructed ? 0xa0 : 0x80) | number;

const MAX_LENGTH_OCTETS = 4;

/**
 * Reads DER from front to back, X.690. Definite lengths in their shortest form only. Everything it returns are views.
 *
 * @throws {DefinitionError} CYG_CERT_SYNTAX for anything malformed, from all methods
 */
export class DerReader {
  #at = 0;

  constructor(
    private readonly bytes: Uint8Array,
    /** What is being read, for errors. */
    private readonly what: string,
  ) {}

  get atEnd(): boolean {
    return this.#at >= this.bytes.length;
  }

  /** The tag of the next element, -1 at the end. */
  get tag(): number {
    return this.bytes[this.#at] ?? -1;
  }

  /** The content of the next element, which must have this tag. */
  read(tag: number): Uint8Array {
    const { start, end } = this.#element(tag);
    this.#at = end;
    return this.bytes.subarray(start, end);
  }

  /** The content of the next element if it has this tag. */
  maybe(tag: number): Uint8Array | undefined {
    return this.tag === tag ? this.read(tag) : undefined;
  }

  /** The next element whole, with tag and length. */
  raw(tag: number = this.tag): Uint8Array {
    const from = this.#at;
    this.#at = this.#element(tag).end;
    return this.bytes.subarray(from, this.#at);
  }

  /** A reader for the content of the next element. */
  enter(tag: number = Tag.SEQUENCE): DerReader {
    return new DerReader(this.read(tag), this.what);
  }

  oid(): string {
    return oidText(this.read(Tag.OID));
  }

  boolean(): boolean {
    return this.read(Tag.BOOLEAN)[0] !== 0;
  }

  /** A small INTEGER that is not negative. */
  number(): number {
    const octets = this.read(Tag.INTEGER);
    if (octets.length === 0 || octets.length > 5 || octets[0]! >= 0x80) this.fail("an integer is out of range");
    return octets.reduce((value, octet) => value * 256 + octet, 0);
  }

  /** The octets of a BIT STRING without unused bits. */
  bitString(): Uint8Array {
    const content = this.read(Tag.BIT_STRING);
    if (content[0] !== 0) this.fail("a bit string is not whole octets");
    return content.subarray(1);
  }

  /** Milliseconds since 1970 of a UTCTime or GeneralizedTime, RFC 5280 section 4.1.2.5. */
  time(): number {
    const isUtc = this.tag === Tag.UTC_TIME;
    const text = Buffer.from(this.read(isUtc ? Tag.UTC_TIME : Tag.GENERALIZED_TIME)).toString("latin1");
    const match = (isUtc ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/ : /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/).exec(text);
    if (!match) this.fail("a time is malformed");
    const [year = 0, month = 0, ...rest] = match.slice(1).map(Number);
    const full = isUtc ? year + (year < 50 ? 2000 : 1900) : year;
    return Date.UTC(full, month - 1, ...rest);
  }

  /** To be called where nothing may follow. */
  end(): void {
    if (!this.atEnd) this.fail("there is something behind its end");
  }

  fail(problem: string): never {
    throw new DefinitionError("CYG_CERT_SYNTAX", this.what, problem);
  }

  #element(tag: number): { readonly start: number; readonly end: number } {
    const { bytes } = this;
    let at = this.#at;
    if (at + 2 > bytes.length) this.fail("it is truncated");
    if (bytes[at] !== tag) this.fail(`tag 0x${bytes[at]!.toString(16)} where 0x${tag.toString(16)} belongs`);
    let length = bytes[at + 1]!;
    at += 2;
    if (length & 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > MAX_LENGTH_OCTETS || at + octets > bytes.length) this.fail("a length is malformed");
      length = 0;
      for (let i = 0; i < octets; i++) length = length * 256 + bytes[at++]!;
      if (length < 0x80 || length < 256 ** (octets - 1)) this.fail("a length is not in its shortest form");
    }
    if (at + length > bytes.length) this.fail("it is truncated");
    return { start: at, end: at + length };
  }
}

function oidText(octets: Uint8Array): string {
  const arcs: number[] = [];
  let value = 0;
  for (const octet of octets) {
    value = value * 128 + (octet & 0x7f);
    if (octet & 0x80) continue;
    if (arcs.length === 0) {
      const first = Math.min(2, Math.floor(value / 40));
      arcs.push(first, value - first * 40);
    } else arcs.push(value);
    value = 0;
  }
  return arcs.join(".");
}
