import { CommandLineError } from "@cygnet/command";
import type { CommandOptions, OptionRule } from "@cygnet/command";
import type { PkiCommand } from "../commands/command.js";

const MIN_LEVEL = -1;
const MAX_LEVEL = 4;

const FIRST: OptionRule = { name: "help", letter: "h", takesValue: false, description: "show usage information" };

/** Options of all commands, behind their own; `verify` has the letter v, which only names it as a command. */
const LAST: readonly OptionRule[] = [
  { name: "debug", letter: "v", takesValue: true, description: "0: only errors, -1: not even these, default: 1" },
  { name: "options", letter: "+", takesValue: true, description: "read more options from a file" },
];

/** All options that a command takes. */
export function optionsOf({ options }: PkiCommand): readonly OptionRule[] {
  return [FIRST, ...options, ...LAST];
}

/** How much is told: -1 nothing, 0 errors, from 1 what is looked at on the way, too. @throws {CommandLineError} */
export function debugLevel(options: CommandOptions): number {
  const level = options.number("debug") ?? 1;
  if (level < MIN_LEVEL || level > MAX_LEVEL) throw new CommandLineError(`option '--debug': ${level} is no level`);
  return level;
}
