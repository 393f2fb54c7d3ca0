import type { CommandOptions, OptionRule } from "@cygnet/command";
import { DIGESTS } from "../x509/signature-algorithm.js";
import type { SignatureOptions } from "../x509/signature-algorithm.js";
import { oneOf, wordOf } from "./option-values.js";

export const SIGNATURE_RULES: readonly OptionRule[] = [
  { name: "digest", letter: "g", takesValue: true, description: "digest of the signature, default: by the strength of the key" },
  { name: "rsa-padding", letter: "R", takesValue: true, description: "padding of RSA signatures, pkcs1 or pss, default: pkcs1" },
];

export const SIGNATURE_USAGE = [`[--digest ${DIGESTS.join("|")}]`, "[--rsa-padding pkcs1|pss]"] as const;

/** @throws {CommandLineError} */
export function readSignatureOptions(options: CommandOptions): SignatureOptions {
  const digest = options.text("digest");
  return {
    digest: digest === undefined ? undefined : wordOf("digest", digest, DIGESTS),
    rsaPadding: oneOf(options, "rsa-padding", ["pkcs1", "pss"], "pkcs1"),
  };
}
