import { CommandLineError } from "@cygnet/command";
import type { OptionRule } from "@cygnet/command";
import { PkiError } from "../pki-error.js";
import type { Context } from "../pki-system.js";
import { numberOf } from "./option-values.js";
import { strptime } from "./strptime.js";

/** From when until when something is valid. */
export interface Validity {
  readonly begin: Date;
  readonly end: Date;
}

const DAY_MS = 86_400_000;
const DEFAULT_FORMAT = "%d.%m.%y %T";
/** Times have four digits for the year, RFC 5280 section 4.1.2.5.2. */
const LAST_YEAR = 9999;
/** As long as that is, from now. */
const MAX_DAYS = 2_900_000;

/** The options that `readValidity` reads. @param names of the times of begin and end, with their letters F and T */
export function validityRules(begin: string, end: string, defaultDays: number): OptionRule[] {
  return [
    { name: "lifetime", letter: "l", takesValue: true, description: `days it is valid, default: ${defaultDays}` },
    { name: begin, letter: "F", takesValue: true, description: "when it begins to be valid, default: now" },
    { name: end, letter: "T", takesValue: true, description: "when it ends to be valid, default: after the lifetime" },
    { name: "dateform", letter: "D", takesValue: true, description: "strptime(3) format of both, default: %d.%m.%y %T" },
  ];
}

/**
 * The time that was asked for. The lifetime counts from the begin, or back from the end, whichever is given alone.
 * @throws {CommandLineError, PkiError}
 */
export function readValidity(context: Context, begin: string, end: string, defaultDays: number): Validity {
  const lifetime = (numberOf(context.options, "lifetime", 1, MAX_DAYS) ?? defaultDays) * DAY_MS;
  const from = dateOption(context, begin);
  const until = dateOption(context, end);
  const first = from ?? (until === undefined ? new Date(context.system.now()) : new Date(until.getTime() - lifetime));
  const last = until ?? new Date(first.getTime() + lifetime);
  if (last < first) throw new PkiError(`--${end} is before --${begin}`);
  if (first.getUTCFullYear() < 0 || last.getUTCFullYear() > LAST_YEAR)
    throw new PkiError(`years up to ${LAST_YEAR} can be written`);
  return { begin: first, end: last };
}

function dateOption({ options, system }: Context, name: string): Date | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  const format = options.text("dateform") ?? DEFAULT_FORMAT;
  const date = strptime(text, format, new Date(system.now()));
  if (date === undefined) throw new CommandLineError(`option '--${name}': '${text}' is not in the format '${format}'`);
  return date;
}
