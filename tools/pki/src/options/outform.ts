import type { OptionRule } from "@cygnet/command";
import { pemText } from "@cygnet/x509";
import type { Context } from "../pki-system.js";
import { oneOf } from "./option-values.js";

export const OUTFORM: OptionRule = {
  name: "outform",
  letter: "f",
  takesValue: true,
  description: "encoding of the output, der or pem, default: der",
};

/** Writes DER to the output, or as PEM with this label, whichever was asked for. */
export function writeEncoded({ options, system }: Context, label: string, der: Uint8Array): void {
  const isPem = outformOf({ options }) === "pem";
  system.write(isPem ? Buffer.from(pemText(label, der)) : der);
}

/** To be asked before anything is made. @throws {CommandLineError} */
export function outformOf({ options }: Pick<Context, "options">): "der" | "pem" {
  return oneOf(options, "outform", ["der", "pem"], "der");
}
