import { ExitCode } from "@cygnet/command";
import { colons, publicKeyHash, spkiOf, subjectKeyHash } from "@cygnet/x509";
import { PUBLIC_TYPES, publicKeyOf } from "../input/keys.js";
import { readInput } from "../input/read-file.js";
import { oneOf, refuse } from "../options/option-values.js";
import type { Context } from "../pki-system.js";
import { KEYID, value } from "./command.js";
import type { PkiCommand } from "./command.js";

const IDS = ["all", "spk", "spki"] as const;
const FORMATS = ["pretty", "hex", "base64", "bin"] as const;

export const keyid: PkiCommand = {
  name: "keyid",
  letter: "k",
  description: "calculate the identifiers of a key",
  usage: [`[--in FILE] [--type ${PUBLIC_TYPES.join("|")}]`, `[--id ${IDS.join("|")}] [--format ${FORMATS.join("|")}]`],
  options: [
    value("in", "i", "file of what has the key, default: standard input"),
    KEYID,
    value("type", "t", "what it is, default: priv, a private key"),
    value("id", "I", "hash of the key (spk), or of key and algorithm (spki), default: all"),
    value("format", "f", "how it is written, default: pretty"),
  ],
  run,
};

async function run(context: Context): Promise<number> {
  const { options, terminal, system } = context;
  refuse(options, "keyid");
  const type = oneOf(options, "type", PUBLIC_TYPES, "priv");
  const id = oneOf(options, "id", IDS, "all");
  const format = oneOf(options, "format", FORMATS, "pretty");
  const spki = spkiOf(await publicKeyOf(readInput(context), type, context));
  const hashes = [
    ...(id === "spki" ? [] : [{ title: "subjkey (SHA-1 of subjectPublicKey)", hash: subjectKeyHash(spki) }]),
    ...(id === "spk" ? [] : [{ title: "keyid (SHA-1 of subjectPublicKeyInfo)", hash: publicKeyHash(spki) }]),
  ];
  for (const { title, hash } of hashes) {
    if (format === "bin") system.write(hash);
    else if (format === "pretty") terminal.out(`${title}:\n             ${colons(hash)}\n`);
    else terminal.out(`${hash.toString(format)}\n`);
  }
  return ExitCode.OK;
}
