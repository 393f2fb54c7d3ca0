/**
 * The value types of ipsec.conf: each turns a text into a typed value or says why not.
 *
 * Numbers follow C's conversion rules, as they do in strongSwan: leading blanks and a sign are allowed, too large values become the
 * largest one, and a narrower field takes the low bits.
 */

import type { NameDatabase } from "./name-database.js";

/** A text that its keyword does not accept. Caught by the interpreter, which adds the section. */
export class BadValue extends Error {
  /**
   * @param text the log line
   * @param isArgument whether strongSwan follows it with `  bad argument value in ...`
   */
  constructor(
    readonly text: string,
    readonly isArgument: boolean,
  ) {
    super(text);
  }
}

/** One type: its name for documentation and how to read a value of it. `key` is only for error texts. */
export interface ValueType<V> {
  readonly name: string;
  parse(value: string, key: string, names: NameDatabase): V;
}

const bad = (what: string, key: string, value: string, isArgument = true): BadValue =>
  new BadValue(`# bad ${what}: ${key}=${value}`, isArgument);

const U64_MAX = (1n << 64n) - 1n;

/** C's strtoull on a decimal: the value and what follows it. Negative numbers wrap around. */
function leadingNumber(text: string): { value: bigint; rest: string; digits: boolean } {
  const match = /^[ \t\n\v\f\r]*([+-]?)(\d+)/.exec(text);
  if (match === null) return { value: 0n, rest: text, digits: false };
  const magnitude = BigInt(match[2].slice(0, 40));
  const clamped = magnitude > U64_MAX ? U64_MAX : magnitude;
  const value = match[1] === "-" && magnitude <= U64_MAX ? BigInt.asUintN(64, -clamped) : clamped;
  return { value, rest: text.slice(match[0].length), digits: true };
}

function unsigned64(value: string, key: string, isArgument: boolean): bigint {
  const { value: number, rest } = leadingNumber(value);
  if (rest !== "") throw bad("integer value", key, value, isArgument);
  return number;
}

export const text: ValueType<string | null> = { name: "string", parse: (value) => value };

/** Listed words, each with what it means. */
export function words<V>(name: string, meanings: Readonly<Record<string, V>>, what = "value", isArgument = true): ValueType<V> {
  return {
    name,
    parse(value, key) {
      if (Object.hasOwn(meanings, value)) return meanings[value];
      throw bad(what, key, value, isArgument);
    },
  };
}

export const bool = words<boolean>("no|yes", { no: false, yes: true });
/** Same words as {@link bool}; strongSwan keeps these in one bit set and reports them differently. */
export const option = words<boolean>("no|yes", { no: false, yes: true }, "option value", false);

/** 16 or 32 bit unsigned field. `special` words bypass the number; a bad number is then reported without the second line. */
export function uint(bits: 16 | 32, special: Readonly<Record<string, number>> = {}): ValueType<number> {
  const hasWords = Object.keys(special).length > 0;
  return {
    name: hasWords ? `integer|${Object.keys(special).join("|")}` : "integer",
    parse(value, key) {
      if (Object.hasOwn(special, value)) return special[value];
      return Number(BigInt.asUintN(bits, unsigned64(value, key, !hasWords)));
    },
  };
}

/** 64 bit unsigned field. */
export const uint64: ValueType<bigint> = { name: "integer", parse: (value, key) => unsigned64(value, key, true) };

/** Number of attempts; `%forever` is 0. */
export const tries: ValueType<bigint> = {
  name: "integer|%forever",
  parse: (value, key) => (value === "%forever" ? 0n : unsigned64(value, key, false)),
};

const UNIT_SECONDS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86400 };

/** Seconds; the number may carry a unit of s, m, h or d. */
export const seconds: ValueType<number> = {
  name: "time",
  parse(value, key) {
    const { value: number, rest } = leadingNumber(value);
    const unit = Object.hasOwn(UNIT_SECONDS, rest) ? UNIT_SECONDS[rest] : undefined;
    if (unit === undefined) throw bad("duration value", key, value);
    const total = Number(BigInt.asIntN(64, number)) * unit;
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, total)) + 0;
  },
};

/** A number followed by `%`. */
export const percent: ValueType<bigint> = {
  name: "percent",
  parse(value, key) {
    const { value: number, rest, digits } = leadingNumber(value);
    if (rest !== "%" || !digits) throw bad("percent value", key, value);
    return number;
  },
};

/** Binary digits for an 8 bit field. */
export const binary: ValueType<number> = {
  name: "binary",
  parse(value, key) {
    const digits = /^[ \t]*([+-]?)([01]*)$/.exec(value);
    if (digits === null) throw bad("binary value", key, value);
    const number = digits[2] === "" ? 0n : BigInt(`0b${digits[2]}`);
    const clamped = number > U64_MAX ? U64_MAX : number;
    return Number(BigInt.asUintN(8, digits[1] === "-" ? -clamped : clamped));
  },
};

/** A firewall mark. */
export interface Mark {
  readonly value: number;
  readonly mask: number;
}

const MARK_UNIQUE = 0xffffffff;
const MARK_UNIQUE_DIR = 0xfffffffe;

/** `value[/mask]`, each decimal, octal (0...) or hex (0x...); `%unique` or `%unique-dir` in place of the value. */
export const mark: ValueType<Mark> = {
  name: "value[/mask]|%unique|%unique-dir",
  parse(value) {
    const slash = value.indexOf("/");
    const head = slash < 0 ? value : value.slice(0, slash);
    const special = head === "%unique" ? MARK_UNIQUE : head === "%unique-dir" ? MARK_UNIQUE_DIR : undefined;
    const number = special ?? anyBase(head);
    if (number === undefined) throw new BadValue(`invalid mark value: ${value}`, false);
    const mask = slash < 0 ? 0xffffffff : anyBase(value.slice(slash + 1));
    if (mask === undefined) throw new BadValue(`invalid mark mask: ${value.slice(slash + 1)}`, false);
    // The numbers that stand for %unique and %unique-dir are never masked, however they were written.
    const isUnique = number === MARK_UNIQUE || number === MARK_UNIQUE_DIR;
    return { value: isUnique ? number : (number & mask) >>> 0, mask };
  },
};

/** C's strtoul in base 0 (0x hex, 0 octal): the value and what follows it. No digits at all: 0, and nothing is consumed. */
function leadingAnyBase(digits: string): { value: bigint; rest: string } {
  const match = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(digits);
  if (match === null) return { value: 0n, rest: digits };
  const text = /^0[0-7]/.test(match[2]) ? `0o${match[2].slice(1)}` : match[2];
  const magnitude = BigInt(text.slice(0, 100));
  return { value: match[1] === "-" ? -magnitude : magnitude, rest: digits.slice(match[0].length) };
}

function anyBase(digits: string): number | undefined {
  const { value, rest } = leadingAnyBase(digits);
  if (rest !== "") return undefined;
  return Number(BigInt.asUintN(32, value > U64_MAX ? U64_MAX : value));
}

/** IP protocol and port range; 0 and 0..65535 for any, from above to (65535..0) for opaque. */
export interface ProtoPort {
  readonly protocol: number;
  readonly fromPort: number;
  readonly toPort: number;
}

function inRange(digits: string, largest: number): number | undefined {
  const { value, rest } = leadingAnyBase(digits);
  return rest === "" && value >= 0n && value <= BigInt(largest) ? Number(value) : undefined;
}

/** `protocol[/port]`: numbers (hex and octal, too), names, `%any`, a port range, `%opaque` ports. */
export const protoPort: ValueType<ProtoPort> = {
  name: "protocol[/port]",
  parse(value, key, names) {
    const slash = value.indexOf("/");
    const head = slash < 0 ? value : value.slice(0, slash);
    const protocol = head === "%any" ? 0 : (names.protocol(head) ?? inRange(head, 255));
    if (protocol === undefined) throw bad("protocol", key, head);
    const port = slash < 0 ? "" : value.slice(slash + 1);
    if (port === "" || port === "%any") return { protocol, fromPort: 0, toPort: 65535 };
    if (port === "%opaque") return { protocol, fromPort: 65535, toPort: 0 };
    const service = names.service(port);
    if (service !== undefined) return { protocol, fromPort: service, toPort: service };
    const { value: from, rest } = leadingAnyBase(port);
    if (from < 0n || from > 65535n || (rest !== "" && rest[0] !== "-")) throw bad("port", key, port);
    const fromPort = Number(from);
    const toPort = rest === "" ? fromPort : inRange(rest.slice(1), 65535);
    if (toPort === undefined) throw bad("port", key, rest.slice(1));
    return { protocol, fromPort, toPort };
  },
};

/** Addresses of an end, and whether any other address is accepted as well. */
export interface Host {
  readonly address: string;
  /** Unset: the value says nothing about it. */
  readonly allowAny?: true;
}

/** `%defaultroute` is any address; any other `%name` but `%any`, `%any4` and `%any6` is the name plus any address. */
export const host: ValueType<Host> = {
  name: "host",
  parse(value) {
    if (value === "%defaultroute") return { address: "%any" };
    if (value.startsWith("%") && value !== "%any" && value !== "%any4" && value !== "%any6") {
      return { address: value.slice(1), allowAny: true };
    }
    return { address: value };
  },
};
