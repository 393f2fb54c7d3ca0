import { systemReason } from "@cygnet/command";
import { readFileSync } from "node:fs";
import { PkiError } from "../pki-error.js";
import type { Context } from "../pki-system.js";

/** Something that was read, with the name that messages have for it. */
export interface Input {
  readonly octets: Buffer;
  readonly name: string;
}

/** The file of `--in`, or the standard input. @throws {PkiError} */
export function readInput({ options, system }: Context): Input {
  const file = options.text("in");
  return file === undefined ? { octets: system.readInput(), name: "standard input" } : readNamedFile(file);
}

/** @throws {PkiError} */
export function readNamedFile(file: string): Input {
  try {
    return { octets: readFileSync(file), name: `'${file}'` };
  } catch (error) {
    throw new PkiError(`opening '${file}' failed: ${systemReason(error)}`, { cause: error });
  }
}
