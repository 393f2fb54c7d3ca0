import { ExitCode, systemReason } from "@cygnet/command";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { certificateDer } from "../input/certificate.js";
import { readInput, readNamedFile } from "../input/read-file.js";
import type { Input } from "../input/read-file.js";
import { revocationListDer } from "../input/revocation-list.js";
import { refuse } from "../options/option-values.js";
import { PkiError } from "../pki-error.js";
import type { Context } from "../pki-system.js";
import type { RevocationState } from "../x509/verification.js";
import { flag, value } from "./command.js";
import type { PkiCommand } from "./command.js";

/** `pki --verify` knows certificates that are trusted, and not valid now. */
const NOT_VALID = 2;

const REVOCATION: Readonly<Record<RevocationState, string>> = {
  good: "certificate not revoked",
  skipped: "no revocation information",
  stale: "revocation information stale",
  failed: "revocation checking failed",
};

export const verify: PkiCommand = {
  name: "verify",
  letter: "v",
  description: "verify a certificate with those of authorities",
  usage: ["[--in FILE] [--cacert FILE|FOLDER]+ [--crl FILE|FOLDER]+"],
  options: [
    value("in", "i", "file of the certificate, default: standard input"),
    value("cacert", "c", "certificate of an authority, or a folder of them, may be repeated; default: the certificate itself"),
    value("crl", "l", "a CRL, or a folder of them, may be repeated"),
    flag("online", "o", "fetch CRLs and ask OCSP responders, not supported"),
  ],
  run,
};

async function run(context: Context): Promise<number> {
  const { options, terminal, system } = context;
  refuse(options, "online");
  const certificate = certificateDer(readInput(context));
  const authorities = options.all("cacert").flatMap(readAll).map(certificateDer);
  const lists = options.all("crl").flatMap(readAll).map(revocationListDer);
  // What it needs of the daemon takes a while to load.
  const { verifyCertificate } = await import("../x509/verification.js");
  const verdict = verifyCertificate({ certificate, authorities, lists }, system.now(), (line) => terminal.err(`${line}\n`));
  if (!verdict.isTrusted) {
    terminal.out("certificate untrusted\n");
    return ExitCode.FAILED;
  }
  if (!verdict.isValid) {
    terminal.out("certificate trusted, but no valid lifetime\n");
    return NOT_VALID;
  }
  terminal.out(`certificate trusted, lifetimes valid${options.has("crl") ? `, ${REVOCATION[verdict.revocation]}` : ""}\n`);
  return ExitCode.OK;
}

/** A file, or the files of a folder. @throws {PkiError} */
function readAll(path: string): Input[] {
  let names: string[];
  try {
    if (!statSync(path).isDirectory()) return [readNamedFile(path)];
    names = readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
  } catch (error) {
    throw error instanceof PkiError
      ? error
      : new PkiError(`failed to access '${path}': ${systemReason(error)}`, { cause: error });
  }
  return names.sort().map((name) => readNamedFile(join(path, name)));
}
