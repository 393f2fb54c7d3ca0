import { CommandLineError, ExitCode } from "@cygnet/command";
import type { CommandOptions } from "@cygnet/command";
import { PRIVATE_TYPES, privateKeyOf, requestOf } from "../input/keys.js";
import { readInput, readNamedFile } from "../input/read-file.js";
import { oneOf, refuse } from "../options/option-values.js";
import { OUTFORM, outformOf, writeEncoded } from "../options/outform.js";
import { SIGNATURE_RULES, SIGNATURE_USAGE, readSignatureOptions } from "../options/signature.js";
import type { Context } from "../pki-system.js";
import { distinguishedName, generalName } from "../x509/names.js";
import { makeRequest } from "../x509/request.js";
import type { RequestContent } from "../x509/request.js";
import { Signer } from "../x509/signature-algorithm.js";
import { KEYID, value } from "./command.js";
import type { PkiCommand } from "./command.js";

export const req: PkiCommand = {
  name: "req",
  letter: "r",
  description: "make a certificate request (PKCS#10)",
  usage: [
    `[--in FILE] [--type ${PRIVATE_TYPES.join("|")}] --dn NAME [--san NAME]+ [--profile NAME] [--password TEXT]`,
    "  or --oldreq FILE [--password TEXT] in place of --dn and what follows it",
    ...SIGNATURE_USAGE,
    "[--outform der|pem]",
  ],
  options: [
    value("in", "i", "file of the private key, default: standard input"),
    KEYID,
    value("type", "t", "type of the key, default: priv, which is any"),
    value("oldreq", "o", "file of a request whose content is taken"),
    value("dn", "d", "distinguished name of the subject"),
    value("san", "a", "a name beside the subject (subjectAltName), may be repeated"),
    value("profile", "P", "what the certificate is for: server, client, dual, ocsp, or what the authority knows"),
    value("password", "p", "password to have the certificate revoked with"),
    ...SIGNATURE_RULES,
    OUTFORM,
  ],
  run,
};

async function run(context: Context): Promise<number> {
  const { options } = context;
  refuse(options, "keyid");
  const type = oneOf(options, "type", PRIVATE_TYPES, "priv");
  const signatureOptions = readSignatureOptions(options);
  outformOf(context);
  const content = readContent(options);
  const key = await privateKeyOf(readInput(context), type, context);
  writeEncoded(context, "CERTIFICATE REQUEST", makeRequest(content, key, new Signer(key, signatureOptions)));
  return ExitCode.OK;
}

function readContent(options: CommandOptions): RequestContent {
  const oldRequest = options.text("oldreq");
  const dn = options.text("dn");
  const password = options.text("password");
  if (oldRequest === undefined) {
    if (dn === undefined) throw new CommandLineError("--dn or --oldreq is required");
    return {
      subject: distinguishedName(dn),
      altNames: options.all("san").map(generalName),
      profile: options.text("profile"),
      challengePassword: password,
    };
  }
  for (const name of ["dn", "san", "profile"])
    if (options.has(name)) throw new CommandLineError(`--${name} is taken from the request of --oldreq`);
  const { subject, altNames, profile, challengePassword } = requestOf(readNamedFile(oldRequest));
  return { subject, altNames, profile, challengePassword: password ?? challengePassword };
}
