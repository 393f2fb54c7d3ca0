import { ExitCode } from "@cygnet/command";
import { readInput } from "../input/read-file.js";
import { PRIVATE_TYPES, privateKeyOf } from "../input/keys.js";
import { FEATURE_RULES, FEATURE_USAGE, readFeatures } from "../options/certificate-features.js";
import { oneOf, refuse, required } from "../options/option-values.js";
import { OUTFORM, outformOf, writeEncoded } from "../options/outform.js";
import { drawSerial, parseSerial } from "../options/serial-number.js";
import { SIGNATURE_RULES, SIGNATURE_USAGE, readSignatureOptions } from "../options/signature.js";
import { readValidity, validityRules } from "../options/validity.js";
import type { Context } from "../pki-system.js";
import { makeCertificate } from "../x509/certificate.js";
import { distinguishedName } from "../x509/names.js";
import { Signer } from "../x509/signature-algorithm.js";
import { KEYID, value } from "./command.js";
import type { PkiCommand } from "./command.js";

/** Three years. */
export const CERTIFICATE_DAYS = 1095;

export const self: PkiCommand = {
  name: "self",
  letter: "s",
  description: "make a self-signed certificate",
  usage: [
    `[--in FILE] [--type ${PRIVATE_TYPES.join("|")}] --dn NAME`,
    "[--lifetime DAYS] [--not-before TIME] [--not-after TIME] [--dateform FORMAT] [--serial HEX]",
    ...FEATURE_USAGE,
    ...SIGNATURE_USAGE,
    "[--outform der|pem]",
  ],
  options: [
    value("in", "i", "file of the private key, default: standard input"),
    KEYID,
    value("type", "t", "type of the key, default: priv, which is any"),
    value("dn", "d", "distinguished name of subject and issuer"),
    ...validityRules("not-before", "not-after", CERTIFICATE_DAYS),
    value("serial", "s", "serial number in hex, default: a random one"),
    ...FEATURE_RULES,
    ...SIGNATURE_RULES,
    OUTFORM,
  ],
  run,
};

async function run(context: Context): Promise<number> {
  const { options } = context;
  refuse(options, "keyid");
  const type = oneOf(options, "type", PRIVATE_TYPES, "priv");
  const name = distinguishedName(required(options, "dn"));
  const serial = options.text("serial");
  const content = {
    subject: name,
    issuer: name,
    authorityKeyId: undefined,
    serial: serial === undefined ? drawSerial() : parseSerial(serial),
    validity: readValidity(context, "not-before", "not-after", CERTIFICATE_DAYS),
    features: readFeatures(options),
  };
  const signatureOptions = readSignatureOptions(options);
  outformOf(context);
  const key = await privateKeyOf(readInput(context), type, context);
  const signer = new Signer(key, signatureOptions);
  writeEncoded(context, "CERTIFICATE", makeCertificate({ ...content, publicKey: key }, signer));
  return ExitCode.OK;
}
