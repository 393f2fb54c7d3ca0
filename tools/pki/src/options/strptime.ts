/** A time as it stands in a text, not yet checked to be one. */
interface Fields {
  year: number;
  /** From 0. */
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  isAfternoon: boolean | undefined;
  /** Day of the year from 1; it decides on month and day where it is given. */
  dayOfYear: number | undefined;
  /** Minutes east of UTC; local time where it is not given. */
  offset: number | undefined;
  /** Seconds since 1970; it decides on all else where it is given. */
  epoch: number | undefined;
}

type Set = (fields: Fields, value: number) => void;

const MONTHS = "january february march april may june july august september october november december".split(" ");
const DAYS = "sunday monday tuesday wednesday thursday friday saturday".split(" ");
const ABBREVIATED = 3;
/** Years with two digits are those from 1969 to 2068, as POSIX says. */
const FIRST_SHORT_YEAR = 69;

/** Directives that stand for others. */
const COMPOUND: Readonly<Record<string, string>> = { T: "%H:%M:%S", R: "%H:%M", D: "%m/%d/%y", F: "%Y-%m-%d" };

/** Directives that are numbers: most digits, range, and what they set. */
const NUMBERS: Readonly<Record<string, readonly [digits: number, min: number, max: number, set: Set]>> = {
  Y: [4, 0, 9999, (fields, value) => (fields.year = value)],
  y: [2, 0, 99, (fields, value) => (fields.year = value + (value < FIRST_SHORT_YEAR ? 2000 : 1900))],
  m: [2, 1, 12, (fields, value) => (fields.month = value - 1)],
  d: [2, 1, 31, (fields, value) => (fields.day = value)],
  e: [2, 1, 31, (fields, value) => (fields.day = value)],
  H: [2, 0, 23, (fields, value) => (fields.hour = value)],
  k: [2, 0, 23, (fields, value) => (fields.hour = value)],
  I: [2, 1, 12, (fields, value) => (fields.hour = value % 12)],
  l: [2, 1, 12, (fields, value) => (fields.hour = value % 12)],
  M: [2, 0, 59, (fields, value) => (fields.minute = value)],
  S: [2, 0, 60, (fields, value) => (fields.second = value)],
  j: [3, 1, 366, (fields, value) => (fields.dayOfYear = value)],
  s: [12, 0, Infinity, (fields, value) => (fields.epoch = value)],
};

/**
 * Reads a time in a format of strptime(3), in local time. What the format does not have is that of `now`, but for a day that the month lacks,
 * which is one of the next month.
 * @returns undefined where the text is not in the format, or has more than it, or the format has a directive that is not known
 */
export function strptime(text: string, format: string, now: Date): Date | undefined {
  const fields: Fields = {
    year: now.getFullYear(),
    month: now.getMonth(),
    day: now.getDate(),
    hour: now.getHours(),
    minute: now.getMinutes(),
    second: now.getSeconds(),
    isAfternoon: undefined,
    dayOfYear: undefined,
    offset: undefined,
    epoch: undefined,
  };
  const rest = read(text, format, fields);
  return rest === "" ? dateOf(fields) : undefined;
}

/** @returns what is left of the text, undefined where it does not fit */
function read(text: string, format: string, fields: Fields): string | undefined {
  let rest: string | undefined = text;
  for (let at = 0; at < format.length && rest !== undefined; at++) {
    const character = format[at]!;
    if (/\s/.test(character)) rest = rest.trimStart();
    else if (character !== "%") rest = rest.startsWith(character) ? rest.slice(1) : undefined;
    else rest = directive(rest, format[++at] ?? "", fields);
  }
  return rest;
}

function directive(text: string, letter: string, fields: Fields): string | undefined {
  const compound = COMPOUND[letter];
  if (compound !== undefined) return read(text, compound, fields);
  const number = NUMBERS[letter];
  if (number !== undefined) return readNumber(text, number, fields);
  switch (letter) {
    case "b":
    case "B":
    case "h":
      return readName(text, MONTHS, (index) => (fields.month = index));
    case "a":
    case "A":
      // The day of the week follows from the rest.
      return readName(text, DAYS, () => undefined);
    case "p":
      return readName(text, ["am", "pm"], (index) => (fields.isAfternoon = index === 1));
    case "n":
    case "t":
      return text.trimStart();
    case "z":
      return readOffset(text, fields);
    case "%":
      return text.startsWith("%") ? text.slice(1) : undefined;
    default:
      return undefined;
  }
}

function readNumber(
  text: string,
  [digits, min, max, set]: readonly [number, number, number, Set],
  fields: Fields,
): string | undefined {
  const trimmed = text.trimStart();
  const found = new RegExp(`^\\d{1,${digits}}`).exec(trimmed)?.[0];
  if (found === undefined || Number(found) < min || Number(found) > max) return undefined;
  set(fields, Number(found));
  return trimmed.slice(found.length);
}

/** Names in full or as their first letters. */
function readName(text: string, names: readonly string[], set: (index: number) => void): string | undefined {
  const lower = text.toLowerCase();
  for (const [index, name] of names.entries()) {
    const found = [name, name.slice(0, ABBREVIATED)].find((each) => lower.startsWith(each));
    if (found === undefined) continue;
    set(index);
    return text.slice(found.length);
  }
  return undefined;
}

function readOffset(text: string, fields: Fields): string | undefined {
  const [whole, sign, hours, minutes] = /^\s*(?:Z|([+-])(\d\d):?(\d\d)?)/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const size = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  fields.offset = sign === "-" ? -size : size;
  return text.slice(whole.length);
}

function dateOf({ epoch, offset, isAfternoon, dayOfYear, ...time }: Fields): Date {
  if (epoch !== undefined) return new Date(epoch * 1000);
  const hour = time.hour + (isAfternoon === true && time.hour < 12 ? 12 : 0);
  const [month, day] = dayOfYear === undefined ? [time.month, time.day] : [0, dayOfYear];
  const date = new Date(0);
  // The constructor takes years below 100 for those of the last century.
  if (offset === undefined) {
    date.setFullYear(time.year, month, day);
    date.setHours(hour, time.minute, time.second);
    return date;
  }
  date.setUTCFullYear(time.year, month, day);
  date.setUTCHours(hour, time.minute - offset, time.second);
  return date;
}
