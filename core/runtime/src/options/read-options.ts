import type { Option, OptionTable, OptionType, OptionValues } from "@cygnet/plugin-api";
import { parseBool, parseDouble, parseInt32, parseTime, parseUint64 } from "@cygnet/settings";
import type { SettingsView } from "@cygnet/settings";
import { describeProblem, optionError } from "./option-error.js";

const PARSERS: Readonly<Record<Exclude<OptionType, "section">, (text: string) => unknown>> = {
  bool: parseBool,
  int: parseInt32,
  double: parseDouble,
  time: parseTime,
  u64: parseUint64,
  string: (text) => text,
  list: (text) => text.split(/[\s,]+/).filter((entry) => entry !== ""),
};

const EXPECTED: Readonly<Record<Exclude<OptionType, "section">, string>> = {
  bool: "yes or no",
  int: "a number",
  double: "a number",
  time: "a time such as 30s, 5m, 4h or 1d",
  u64: "an unsigned number",
  string: "a text",
  list: "a list",
};

/** Whether many would take a word for a flag. strongSwan does not, and goes on with the default. */
export function isNoFlag(text: string): boolean {
  return /^(on|off)$/i.test(text);
}

/** Takes a sentence about a value that was replaced, with its place. */
export type OptionWarning = (message: string) => void;

/**
 * Reads all options of a table from a section, whose keys they are. Absent and cleared ones get their defaults.
 *
 * strongSwan quietly takes the default where a value is unusable; here that is an error with the place, so that a mistake shows. What a
 * working configuration of strongSwan may well contain is replaced as strongSwan does, and told to `warn`.
 *
 * @throws {OptionError} CYG_OPTION_VALUE
 */
export function readOptions<T extends OptionTable>(table: T, view: SettingsView, warn: OptionWarning = ignore): OptionValues<T> {
  const values: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(table)) values[key] = readOption(key, option, view, warn);
  // Each value was read by its own option's type, which is what OptionValues says of it.
  return values as OptionValues<T>;
}

function readOption(key: string, option: Option<unknown>, view: SettingsView, warn: OptionWarning): unknown {
  const { type } = option;
  if (type === "section") return view.hasSection(key) ? view.section(key) : option.default;
  const text = view.getString(key);
  if (text === undefined) return option.default;
  const value = PARSERS[type](text);
  if (value === undefined && type === "bool" && isNoFlag(text)) {
    warn(describeProblem(view, key, `'${text}' is neither yes nor no, the default '${option.default ? "yes" : "no"}' is used`));
    return option.default;
  }
  if (value === undefined || Number.isNaN(value)) throw optionError(view, key, `'${text}' is not ${EXPECTED[type]}`);
  if (option.oneOf !== undefined && !option.oneOf.includes(text)) {
    throw optionError(view, key, `'${text}' is none of ${option.oneOf.join(", ")}`);
  }
  return typeof value === "number" || typeof value === "bigint" ? inRange(key, option, value, view, warn) : value;
}

function inRange(
  key: string,
  { min, max, capped, orZero }: Option<unknown>,
  value: number | bigint,
  view: SettingsView,
  warn: OptionWarning,
): number | bigint {
  if (orZero && !value) return value;
  const bound = min !== undefined && value < min ? min : max !== undefined && value > max ? max : undefined;
  if (bound === undefined) return value;
  if (capped) {
    warn(describeProblem(view, key, `${value} is ${value < bound ? "less" : "more"} than ${bound}, which is used`));
    return bound;
  }
  const limits = [...(min === undefined ? [] : [`at least ${min}`]), ...(max === undefined ? [] : [`at most ${max}`])];
  throw optionError(view, key, `${value} is out of range, it must be ${limits.join(" and ")}`);
}

function ignore(): void {}
