import type { Option, OptionTable, OptionType, OptionValues } from "@cygnet/plugin-api";
import { parseBool, parseDouble, parseInt32, parseTime, parseUint64 } from "@cygnet/settings";
import type { SettingsView } from "@cygnet/settings";
import { optionError } from "./option-error.js";

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

/**
 * Reads all options of a table from a section, whose keys they are. Absent and cleared ones get their defaults.
 *
 * strongSwan quietly takes the default where a value is unusable; here that is an error with the place, so that a mistake shows.
 *
 * @throws {OptionError} CYG_OPTION_VALUE
 */
export function readOptions<T extends OptionTable>(table: T, view: SettingsView): OptionValues<T> {
  const values: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(table)) values[key] = readOption(key, option, view);
  // Each value was read by its own option's type, which is what OptionValues says of it.
  return values as OptionValues<T>;
}

function readOption(key: string, option: Option<unknown>, view: SettingsView): unknown {
  const { type } = option;
  if (type === "section") return view.hasSection(key) ? view.section(key) : option.default;
  const text = view.getString(key);
  if (text === undefined) return option.default;
  const value = PARSERS[type](text);
  if (value === undefined || Number.isNaN(value)) throw optionError(view, key, `'${text}' is not ${EXPECTED[type]}`);
  checkRange(key, option, value, view);
  if (option.oneOf !== undefined && !option.oneOf.includes(text)) {
    throw optionError(view, key, `'${text}' is none of ${option.oneOf.join(", ")}`);
  }
  return value;
}

function checkRange(key: string, { min, max }: Option<unknown>, value: unknown, view: SettingsView): void {
  if (typeof value !== "number" && typeof value !== "bigint") return;
  const belowMin = min !== undefined && value < min;
  const aboveMax = max !== undefined && value > max;
  if (!belowMin && !aboveMax) return;
  const limits = [...(min === undefined ? [] : [`at least ${min}`]), ...(max === undefined ? [] : [`at most ${max}`])];
  throw optionError(view, key, `${value} is out of range, it must be ${limits.join(" and ")}`);
}
