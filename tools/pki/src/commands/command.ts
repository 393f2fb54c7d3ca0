import type { OptionRule } from "@cygnet/command";
import type { Context } from "../pki-system.js";

/** A command of pki. */
export interface PkiCommand {
  readonly name: string;
  readonly letter: string;
  readonly description: string;
  /** What follows the command in its usage, one entry a line. */
  readonly usage: readonly string[];
  /** Its own options; those that all commands have come in addition. */
  readonly options: readonly OptionRule[];
  /** @returns the exit code @throws {CommandLineError, PkiError} */
  readonly run: (context: Context) => Promise<number>;
}

export function value(name: string, letter: string, description: string): OptionRule {
  return { name, letter, description, takesValue: true };
}

export function flag(name: string, letter: string, description: string): OptionRule {
  return { name, letter, description, takesValue: false };
}

/** Keys that are no files, which strongSwan's commands take in place of `--in`. */
export const KEYID = value("keyid", "x", "key of a smartcard or TPM, not supported");
