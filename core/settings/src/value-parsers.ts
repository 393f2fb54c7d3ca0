/**
 * How strongSwan reads numbers, flags and times out of text, for strongswan.conf, swanctl.conf and ipsec.conf alike.
 *
 * Each function returns `undefined` for text that it does not accept; the caller then applies its default. None of them throws.
 */

const U64_MAX = 0xffff_ffff_ffff_ffffn;
const SECONDS: ReadonlyMap<string, bigint> = new Map([
  ["s", 1n],
  ["m", 60n],
  ["h", 3600n],
  ["d", 86400n],
]);

/**
 * Reads a flag: 1, yes, true, enabled, or 0, no, false, disabled, in any case. Anything else (`on`, `off`, `2`, the empty string,
 * surrounding blanks) is not a flag.
 */
export function parseBool(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case "1":
    case "yes":
    case "true":
    case "enabled":
      return true;
    case "0":
    case "no":
    case "false":
    case "disabled":
      return false;
    default:
      return undefined;
  }
}

/**
 * Reads an unsigned 64 bit number: decimal with an optional sign and leading whitespace, or `0x` and hex digits with neither.
 * A negative number wraps (`-1` is 2^64-1), leading zeros are decimal, a magnitude above 2^64-1 is refused.
 */
export function parseUint64(text: string): bigint | undefined {
  if (text.startsWith("0x")) {
    const end = skip(text, 2, isHexDigit);
    return end > 2 && end === text.length ? magnitude(text, 2, end, "0x") : undefined;
  }
  const decimal = parseDecimal(text);
  return decimal !== undefined && decimal.end === text.length ? decimal.value : undefined;
}

/**
 * Reads a signed 32 bit number with the syntax of {@link parseUint64}. What does not fit is truncated, not refused, as strongSwan
 * does: 4294967295 is -1.
 */
export function parseInt32(text: string): number | undefined {
  const value = parseUint64(text);
  return value === undefined ? undefined : Number(BigInt.asIntN(32, value));
}

/**
 * Reads a floating point number as C's strtod does: decimal, hexadecimal (`0x1.8p3`), `inf`, `infinity`, `nan`; leading whitespace
 * is fine, trailing text is not. Magnitudes that a double cannot hold, or only without its full precision, are refused.
 */
export function parseDouble(text: string): number | undefined {
  let at = skip(text, 0, isSpace);
  const negative = text[at] === "-";
  if (negative || text[at] === "+") at += 1;
  const rest = text.slice(at).toLowerCase();
  const value = rest.startsWith("0x") ? parseHexDouble(rest) : (parseDecimalDouble(rest) ?? parseSpecialDouble(rest));
  return value !== undefined && negative ? -value : value;
}

/**
 * Reads a time in seconds: a decimal number, optional whitespace, and a unit of which only the first letter counts, one of s, m, h,
 * d in lower case; no unit means seconds. The result is unsigned 32 bit and wraps (`-5` is 4294967291).
 */
export function parseTime(text: string): number | undefined {
  const decimal = parseDecimal(text);
  if (decimal === undefined) return undefined;
  const unitAt = skip(text, decimal.end, isSpace);
  const factor = unitAt === text.length ? 1n : SECONDS.get(text[unitAt] ?? "");
  return factor === undefined ? undefined : Number(BigInt.asUintN(32, decimal.value * factor));
}

interface Decimal {
  /** Already wrapped to unsigned 64 bit. */
  readonly value: bigint;
  /** Index behind the last digit. */
  readonly end: number;
}

function parseDecimal(text: string): Decimal | undefined {
  let at = skip(text, 0, isSpace);
  const negative = text[at] === "-";
  if (negative || text[at] === "+") at += 1;
  const end = skip(text, at, isDigit);
  if (end === at) return undefined;
  const value = magnitude(text, at, end, "");
  if (value === undefined) return undefined;
  return { value: negative ? BigInt.asUintN(64, -value) : value, end };
}

function magnitude(text: string, from: number, end: number, prefix: "" | "0x"): bigint | undefined {
  while (from < end - 1 && text[from] === "0") from += 1;
  // 2^64-1 has 20 decimal digits; anything longer is refused before BigInt would spend time on it.
  if (end - from > 20) return undefined;
  const value = BigInt(prefix + text.slice(from, end));
  return value > U64_MAX ? undefined : value;
}

/** 2^-1022: below it a double loses digits, which strtod reports as out of range. */
const SMALLEST_NORMAL = 2.2250738585072014e-308;

function inRange(value: number, isZero: boolean): number | undefined {
  if (isZero) return 0;
  return Number.isFinite(value) && value >= SMALLEST_NORMAL ? value : undefined;
}

function parseDecimalDouble(text: string): number | undefined {
  const dot = skip(text, 0, isDigit);
  const end = text[dot] === "." ? skip(text, dot + 1, isDigit) : dot;
  const digits = end - (end > dot ? 1 : 0);
  if (digits === 0 || !isExponent(text, end, "e")) return undefined;
  return inRange(Number(text), isAllZero(text, 0, end));
}

function parseHexDouble(text: string): number | undefined {
  const dot = skip(text, 2, isHexDigit);
  const end = text[dot] === "." ? skip(text, dot + 1, isHexDigit) : dot;
  const fraction = end > dot ? text.slice(dot + 1, end) : "";
  const digits = text.slice(2, dot) + fraction;
  if (digits === "" || !isExponent(text, end, "p")) return undefined;
  if (isAllZero(digits, 0, digits.length)) return 0;
  const exponent = end < text.length ? Number(text.slice(end + 1)) : 0;
  return inRange(scale(BigInt(`0x${digits}`), exponent - 4 * fraction.length), false);
}

/** `mantissa` times two to the `exponent`, rounded once (`mantissa` is positive). */
function scale(mantissa: bigint, exponent: number): number {
  const bits = mantissa.toString(2).length;
  const top = bits + exponent;
  if (top > 1025 || top < -1080) return top > 0 ? Infinity : 0;
  // Keep 64 significant bits plus a sticky one, so that the conversion below rounds as if all had been there.
  const drop = Math.max(0, bits - 64);
  const kept = mantissa >> BigInt(drop);
  const sticky = drop > 0 && mantissa !== kept << BigInt(drop) ? 1n : 0n;
  const shift = exponent + drop - 1;
  // Two steps, as 2^1024 alone is no double although the product may be one.
  const half = Math.trunc(shift / 2);
  return Number((kept << 1n) | sticky) * 2 ** half * 2 ** (shift - half);
}

function parseSpecialDouble(text: string): number | undefined {
  if (text === "inf" || text === "infinity") return Infinity;
  if (text === "nan") return NaN;
  if (!text.startsWith("nan(") || !text.endsWith(")")) return undefined;
  return skip(text, 4, isWordCharacter) === text.length - 1 ? NaN : undefined;
}

/** Whether `text` from `at` on is empty or an exponent with at least one digit. */
function isExponent(text: string, at: number, letter: string): boolean {
  if (at === text.length) return true;
  if (text[at] !== letter) return false;
  const sign = text[at + 1] === "-" || text[at + 1] === "+" ? 1 : 0;
  const end = skip(text, at + 1 + sign, isDigit);
  return end > at + 1 + sign && end === text.length;
}

function isAllZero(text: string, from: number, end: number): boolean {
  for (let i = from; i < end; i++) if (text[i] !== "0" && text[i] !== ".") return false;
  return true;
}

function skip(text: string, at: number, accepts: (code: number) => boolean): number {
  while (at < text.length && accepts(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isHexDigit(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

function isWordCharacter(code: number): boolean {
  return isDigit(code) || code === 0x5f || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}
