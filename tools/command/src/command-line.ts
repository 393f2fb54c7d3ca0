import { readFileSync } from "node:fs";
import { systemReason } from "./system-reason.js";

/** An option of a command, as in getopt_long. */
export interface OptionRule {
  readonly name: string;
  readonly letter: string;
  readonly takesValue: boolean;
  readonly description: string;
}

/** Wrong use of the command line; the message is what getopt would say. */
export class CommandLineError extends Error {}

/** The options of one call, by name; where one is there several times, the last counts, unless all are asked for. */
export class CommandOptions {
  readonly #values = new Map<string, string>();
  readonly #entries: (readonly [name: string, value: string])[] = [];

  set(name: string, value: string): void {
    this.#values.set(name, value);
    this.#entries.push([name, value]);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** All values of an option that may be repeated. */
  all(name: string): string[] {
    return this.#entries.flatMap(([each, value]) => (each === name ? [value] : []));
  }

  /** All options as they were given, for those that qualify the next or the one before. */
  get inOrder(): readonly (readonly [name: string, value: string])[] {
    return this.#entries;
  }

  /** A whole number, also a negative one. @throws {CommandLineError} */
  number(name: string): number | undefined {
    const text = this.#values.get(name);
    if (text === undefined) return undefined;
    if (!/^-?\d{1,9}$/.test(text)) throw new CommandLineError(`option '--${name}': '${text}' is no number`);
    return Number(text);
  }
}

/**
 * Reads options in all notations of getopt_long: `--name value`, `--name=value`, names as short as they are unique, `-nvalue`, `-n value`,
 * and several letters at once.
 * @param readOptions gives the arguments that are in the file of `--options`
 * @throws {CommandLineError}
 */
export function parseOptions(
  rules: readonly OptionRule[],
  argv: readonly string[],
  readOptions: (file: string) => readonly string[],
): CommandOptions {
  const options = new CommandOptions();
  const files = new Set<string>();
  const queue = [...argv];
  const take = (rule: OptionRule, value: string): void => {
    if (rule.name !== "options") return options.set(rule.name, value);
    if (files.has(value)) throw new CommandLineError(`option file '${value}' includes itself`);
    files.add(value);
    queue.unshift(...readOptions(value));
  };
  const nextValue = (shown: string): string => {
    const value = queue.shift();
    if (value === undefined) throw new CommandLineError(`option ${shown} requires an argument`);
    return value;
  };
  for (let argument = queue.shift(); argument !== undefined; argument = queue.shift()) {
    if (argument.startsWith("--")) {
      const [, name = "", value] = /^--([^=]*)(?:=([^]*))?$/.exec(argument) ?? [];
      const rule = findRule(rules, name);
      if (value !== undefined && !rule.takesValue)
        throw new CommandLineError(`option '--${rule.name}' doesn't allow an argument`);
      take(rule, value ?? (rule.takesValue ? nextValue(`'--${rule.name}'`) : ""));
    } else if (argument.startsWith("-") && argument.length > 1) {
      for (let letters = argument.slice(1); letters !== ""; letters = letters.slice(1)) {
        const letter = letters[0]!;
        const rule = rules.find((candidate) => candidate.letter === letter);
        if (rule === undefined) throw new CommandLineError(`invalid option -- '${letter}'`);
        if (!rule.takesValue) {
          take(rule, "");
          continue;
        }
        take(rule, letters.length > 1 ? letters.slice(1) : nextValue(`-- '${letter}'`));
        break;
      }
    } else throw new CommandLineError(`unexpected argument '${argument}'`);
  }
  return options;
}

/** The words of an option file: separated by blanks, `"` and `'` keep blanks, `#` begins a comment. @throws {CommandLineError} */
export function optionWords(text: string): string[] {
  const words: string[] = [];
  for (const line of text.split("\n")) {
    const rest = line.replaceAll(
      /"([^"]*)"|'([^']*)'|(#.*$)|([^\s"'#]+)/g,
      (_all, double?: string, single?: string, comment?: string, bare?: string) => {
        if (comment === undefined) words.push(double ?? single ?? bare ?? "");
        return "";
      },
    );
    if (rest.trim() !== "") throw new CommandLineError(`unterminated quote in option file: ${line.trim()}`);
  }
  return words;
}

/** The arguments in the file of `--options`. @throws {CommandLineError} */
export function readOptionFile(file: string): readonly string[] {
  try {
    return optionWords(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof CommandLineError) throw error;
    throw new CommandLineError(`option file '${file}': ${systemReason(error)}`);
  }
}

function findRule(rules: readonly OptionRule[], name: string): OptionRule {
  const exact = rules.find((rule) => rule.name === name);
  if (exact !== undefined) return exact;
  const [found, ...others] = name === "" ? [] : rules.filter((rule) => rule.name.startsWith(name));
  if (found === undefined) throw new CommandLineError(`unrecognized option '--${name}'`);
  if (others.length > 0)
    throw new CommandLineError(
      `option '--${name}' is ambiguous; possibilities: ${[found, ...others].map((rule) => `'--${rule.name}'`).join(" ")}`,
    );
  return found;
}
