import { CommandLineError } from "@cygnet/command";
import type { CommandOptions } from "@cygnet/command";

/** One word of a list. @throws {CommandLineError} */
export function oneOf<T extends string>(options: CommandOptions, name: string, values: readonly T[], otherwise: T): T {
  const text = options.text(name);
  return text === undefined ? otherwise : wordOf(name, text, values);
}

/** @throws {CommandLineError} for a word that is not in the list */
export function wordOf<T extends string>(name: string, text: string, values: readonly T[]): T {
  const found = values.find((value) => value === text);
  if (found === undefined) throw new CommandLineError(`option '--${name}': '${text}' is none of ${values.join(", ")}`);
  return found;
}

/** A whole number within bounds. @throws {CommandLineError} */
export function numberOf(options: CommandOptions, name: string, min: number, max: number): number | undefined {
  const value = options.number(name);
  if (value === undefined) return undefined;
  if (value < min || value > max) throw new CommandLineError(`option '--${name}': ${value} is not from ${min} to ${max}`);
  return value;
}

/** An option without which the command cannot go on. @throws {CommandLineError} */
export function required(options: CommandOptions, name: string): string {
  const value = options.text(name);
  if (value === undefined) throw new CommandLineError(`--${name} is required`);
  return value;
}

/** Refuses options of strongSwan that are not there yet. @throws {CommandLineError} */
export function refuse(options: CommandOptions, ...names: readonly string[]): void {
  for (const name of names)
    if (options.has(name)) throw new CommandLineError(`option '--${name}' is not supported by this version of cygnet`);
}
