import type { Section } from "@cygnet/vici";
import { CommandFailed } from "../command-failed.js";

/** Takes the text of an option into a draft. @returns whether it is one that the option can have */
export type TakeText<D> = (draft: D, text: string) => boolean;
/** As `TakeText`, for an option that is a list. */
export type TakeList<D> = (draft: D, items: readonly string[]) => boolean;

/** The options of a kind of section, each by its name in swanctl.conf. */
export interface OptionTable<D> {
  readonly texts: Readonly<Record<string, TakeText<D>>>;
  readonly lists: Readonly<Record<string, TakeList<D>>>;
}

/**
 * Reads the options of a section into a draft. Its sections are the caller's.
 * @throws {CommandFailed} for one that is not in the table, or has a value that it cannot have, by name
 */
export function readOptions<D>(section: Section, { texts, lists }: OptionTable<D>, draft: D): void {
  for (const name of section.names) {
    if (section.section(name)) continue;
    const text = section.text(name);
    const items = section.list(name) ?? (text === undefined ? [] : [text]);
    if (Object.hasOwn(lists, name)) check(name, lists[name](draft, items));
    else if (Object.hasOwn(texts, name)) check(name, text !== undefined && texts[name](draft, text));
    else throw new CommandFailed(`unknown option: ${name}, config discarded`);
  }
}

/** @throws {CommandFailed} `invalid value for: KEY` */
export function check(option: string, isValid: boolean): void {
  if (!isValid) throw new CommandFailed(`invalid value for: ${option}, config discarded`);
}

/** An option that can only have its default here. @param reason why, in words that follow `as` */
export function only<D>(option: string, accepted: readonly string[], reason: string): TakeText<D> {
  return (_draft, text) => accepted.includes(text.toLowerCase()) || refuse(option, text, reason);
}

/** @throws {CommandFailed} that names the option, its value and the reason */
export function refuse(option: string, value: string, reason: string): never {
  throw new CommandFailed(`${option} = ${value} cannot be used, as ${reason}, config discarded`);
}
