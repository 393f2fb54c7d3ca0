import { ExitCode } from "@cygnet/command";
import { pemText, spkiOf } from "@cygnet/x509";
import { PUBLIC_TYPES, publicKeyOf } from "../input/keys.js";
import { readInput } from "../input/read-file.js";
import { oneOf, refuse } from "../options/option-values.js";
import type { Context } from "../pki-system.js";
import { KEYID, value } from "./command.js";
import type { PkiCommand } from "./command.js";
import { dnsKey, sshKey } from "./public-key-formats.js";

const OUTFORMS = ["der", "pem", "dnskey", "sshkey"] as const;

export const pub: PkiCommand = {
  name: "pub",
  letter: "p",
  description: "extract the public key from a private key, certificate or request",
  usage: [`[--in FILE] [--type ${PUBLIC_TYPES.join("|")}] [--outform ${OUTFORMS.join("|")}]`],
  options: [
    value("in", "i", "file of what has the key, default: standard input"),
    KEYID,
    value("type", "t", "what it is, default: priv, a private key"),
    value("outform", "f", "encoding of the output, default: der"),
  ],
  run,
};

async function run(context: Context): Promise<number> {
  const { options, terminal, system } = context;
  refuse(options, "keyid");
  const type = oneOf(options, "type", PUBLIC_TYPES, "priv");
  const outform = oneOf(options, "outform", OUTFORMS, "der");
  const key = await publicKeyOf(readInput(context), type, context);
  if (outform === "der") system.write(spkiOf(key));
  else if (outform === "pem") terminal.out(pemText("PUBLIC KEY", spkiOf(key)));
  else terminal.out((outform === "dnskey" ? dnsKey(key) : sshKey(key)).toString("base64"));
  return ExitCode.OK;
}
