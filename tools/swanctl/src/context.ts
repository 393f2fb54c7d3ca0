import type { CommandOptions, Terminal } from "@cygnet/command";
import type { ViciClient } from "@cygnet/vici";
import type { Reporter } from "./reporter.js";

/** What the program takes from its surroundings; tests give their own. */
export interface SwanctlSystem {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks for a passphrase without showing it. @returns undefined where nobody answers */
  askPassphrase(question: string): Promise<string | undefined>;
  /** Settles when the user wants the program to end; commands that go on for ever listen to it. */
  readonly interrupted: Promise<void>;
  /** The time that ages are counted from, in ms since 1970. */
  now(): number;
}

/** What a command works with. */
export interface Context {
  readonly client: ViciClient;
  readonly options: CommandOptions;
  readonly reporter: Reporter;
  readonly terminal: Terminal;
  readonly system: SwanctlSystem;
}

/** Exit codes of swanctl beside 0 and 1. */
export enum SwanctlExit {
  OK = 0,
  /** The daemon said no, or the command line is wrong. */
  FAILED = 1,
  /** The daemon cannot be reached, or swanctl.conf cannot be used. */
  UNREACHABLE = 2,
  /** Some of what swanctl.conf has could not be loaded (EINVAL). */
  NOT_ALL_LOADED = 22,
}

/** Carries a command out. @returns the exit code */
export type Run = (context: Context) => Promise<number>;
