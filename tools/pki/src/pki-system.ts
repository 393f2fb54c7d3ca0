import type { CommandOptions, Terminal } from "@cygnet/command";
import { askPassphrase } from "@cygnet/command";
import { readFileSync } from "node:fs";

/** What the program takes from its surroundings; tests give their own. */
export interface PkiSystem {
  /** All of the standard input. */
  readInput(): Buffer;
  /** Writes octets to the standard output. */
  write(octets: Uint8Array): void;
  /** Asks for a passphrase without showing it. @returns undefined where nobody answers */
  askPassphrase(question: string): Promise<string | undefined>;
  /** The time that validity is counted from, in ms since 1970. */
  now(): number;
}

/** What a command works with. */
export interface Context {
  readonly options: CommandOptions;
  readonly terminal: Terminal;
  readonly system: PkiSystem;
}

const STANDARD_INPUT = 0;

/** The real surroundings. */
export const nodeSystem: PkiSystem = {
  readInput: () => readFileSync(STANDARD_INPUT),
  write: (octets) => void process.stdout.write(octets),
  askPassphrase,
  now: () => Date.now(),
};
