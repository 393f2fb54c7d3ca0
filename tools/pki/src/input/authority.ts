import { CommandLineError } from "@cygnet/command";
import type { OptionRule } from "@cygnet/command";
import type { KeyObject } from "node:crypto";
import { refuse, required } from "../options/option-values.js";
import { PkiError } from "../pki-error.js";
import type { Context } from "../pki-system.js";
import { certificateOf } from "./certificate.js";
import type { CertificateParts } from "./certificate.js";
import { isSamePair, privateKeyOf } from "./keys.js";
import { readNamedFile } from "./read-file.js";

/** Who signs certificates or CRLs. */
export interface Authority {
  readonly certificate: CertificateParts;
  readonly key: KeyObject;
}

export const AUTHORITY_RULES: readonly OptionRule[] = [
  { name: "cacert", letter: "c", takesValue: true, description: "file of the authority's certificate" },
  { name: "cakey", letter: "k", takesValue: true, description: "file of the authority's private key" },
  { name: "cakeyid", letter: "x", takesValue: true, description: "key of a smartcard or TPM, not supported" },
];

/** The authority of `--cacert` and `--cakey`. @throws {CommandLineError, PkiError} also for a key that is not the certificate's */
export async function readAuthority(context: Context): Promise<Authority> {
  refuse(context.options, "cakeyid");
  const file = required(context.options, "cacert");
  const keyFile = context.options.text("cakey");
  if (keyFile === undefined) throw new CommandLineError("--cakey is required");
  const certificate = certificateOf(readNamedFile(file));
  const key = await privateKeyOf(readNamedFile(keyFile), "priv", context);
  if (!isSamePair(certificate.publicKey, key)) throw new PkiError("CA private key does not match CA certificate");
  return { certificate, key };
}
