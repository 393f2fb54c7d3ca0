import { ExitCode } from "@cygnet/command";
import { certificateText, crlText, privateKeyLines, publicKeyLines, spkiOf } from "@cygnet/x509";
import { certificateDer } from "../input/certificate.js";
import { PRIVATE_TYPES, privateKeyOf, publicKeyOf } from "../input/keys.js";
import type { PrivateType } from "../input/keys.js";
import { readInput } from "../input/read-file.js";
import type { Input } from "../input/read-file.js";
import { revocationListDer } from "../input/revocation-list.js";
import { oneOf, refuse } from "../options/option-values.js";
import { PkiError, attempt } from "../pki-error.js";
import type { Context } from "../pki-system.js";
import { KEYID, value } from "./command.js";
import type { PkiCommand } from "./command.js";

const TYPES = ["x509", "crl", "pub", ...PRIVATE_TYPES] as const;

export const print: PkiCommand = {
  name: "print",
  letter: "a",
  description: "print a certificate, CRL or key",
  usage: [`[--in FILE] [--type ${TYPES.join("|")}]`],
  options: [
    value("in", "i", "file of it, default: standard input"),
    KEYID,
    value("type", "t", "what it is, default: x509, a certificate"),
  ],
  run,
};

async function run(context: Context): Promise<number> {
  const { options, terminal } = context;
  refuse(options, "keyid");
  if (options.text("type") === "ac") throw new PkiError("attribute certificates are not supported by this version of cygnet");
  const type = oneOf(options, "type", TYPES, "x509");
  terminal.out(await textOf(readInput(context), type, context));
  return ExitCode.OK;
}

async function textOf(input: Input, type: (typeof TYPES)[number], context: Context): Promise<string> {
  const style = { isUtc: false, isShort: false, now: context.system.now() };
  switch (type) {
    case "x509":
      return attempt(`${input.name} is no certificate`, () => certificateText(certificateDer(input), false, style));
    case "crl":
      return attempt(`${input.name} is no CRL`, () => crlText(revocationListDer(input), style));
    case "pub":
      return lines(publicKeyLines(spkiOf(await publicKeyOf(input, type, context))));
    default:
      return lines(await privateLines(input, type, context));
  }
}

async function privateLines(input: Input, type: PrivateType, context: Context): Promise<string[]> {
  return privateKeyLines(await privateKeyOf(input, type, context));
}

function lines(all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
