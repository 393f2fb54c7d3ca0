import { ExitCode } from "@cygnet/command";
import { sequence } from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import type { KeyObject } from "node:crypto";
import { AUTHORITY_RULES, readAuthority } from "../input/authority.js";
import { PRIVATE_TYPES, publicKeyOf, requestOf } from "../input/keys.js";
import { readInput } from "../input/read-file.js";
import { FEATURE_RULES, FEATURE_USAGE, readFeatures } from "../options/certificate-features.js";
import { oneOf } from "../options/option-values.js";
import { OUTFORM, outformOf, writeEncoded } from "../options/outform.js";
import { drawSerial, parseSerial } from "../options/serial-number.js";
import { SIGNATURE_RULES, SIGNATURE_USAGE, readSignatureOptions } from "../options/signature.js";
import { readValidity, validityRules } from "../options/validity.js";
import { PkiError } from "../pki-error.js";
import type { Context } from "../pki-system.js";
import { makeCertificate } from "../x509/certificate.js";
import type { UsageFlag } from "../x509/certificate-extensions.js";
import { distinguishedName } from "../x509/names.js";
import { Signer } from "../x509/signature-algorithm.js";
import { value } from "./command.js";
import type { PkiCommand } from "./command.js";
import { CERTIFICATE_DAYS } from "./self.js";

const TYPES = ["pub", "pkcs10", ...PRIVATE_TYPES] as const;

/** Profiles of requests that mean extended key usages; others mean nothing to us. */
const PROFILES: ReadonlyMap<string, readonly UsageFlag[]> = new Map([
  ["server", ["serverAuth"]],
  ["client", ["clientAuth"]],
  ["dual", ["serverAuth", "clientAuth"]],
  ["ocsp", ["ocspSigning"]],
]);

export const issue: PkiCommand = {
  name: "issue",
  letter: "i",
  description: "issue a certificate with an authority's certificate and key",
  usage: [
    `[--in FILE] [--type ${TYPES.join("|")}] --cacert FILE --cakey FILE [--dn NAME]`,
    "[--lifetime DAYS] [--not-before TIME] [--not-after TIME] [--dateform FORMAT] [--serial HEX]",
    ...FEATURE_USAGE,
    "[--crl URI [--crlissuer NAME]]+",
    ...SIGNATURE_USAGE,
    "[--outform der|pem]",
  ],
  options: [
    value("in", "i", "file of the key or request, default: standard input"),
    value("type", "t", "what it is, default: pub, a public key"),
    ...AUTHORITY_RULES,
    value("dn", "d", "distinguished name of the subject, default: that of the request"),
    ...validityRules("not-before", "not-after", CERTIFICATE_DAYS),
    value("serial", "s", "serial number in hex, default: a random one"),
    ...FEATURE_RULES,
    value("crl", "u", "URI of a CRL, may be repeated"),
    value("crlissuer", "I", "who issues the CRL before, if that is another"),
    ...SIGNATURE_RULES,
    OUTFORM,
  ],
  run,
};

/** Whom a certificate is for, and what a request asks for. */
interface Applicant {
  readonly publicKey: KeyObject;
  readonly subject: Der;
  readonly altNames: readonly Der[];
  readonly flags: readonly UsageFlag[];
}

async function run(context: Context): Promise<number> {
  const { options } = context;
  const type = oneOf(options, "type", TYPES, "pub");
  const dn = options.text("dn");
  const subject = dn === undefined ? undefined : distinguishedName(dn);
  const serial = options.text("serial");
  const validity = readValidity(context, "not-before", "not-after", CERTIFICATE_DAYS);
  const features = readFeatures(options);
  const signatureOptions = readSignatureOptions(options);
  outformOf(context);
  const { certificate, key } = await readAuthority(context);
  if (!certificate.isCa) throw new PkiError("CA certificate misses CA basicConstraint");
  const applicant = await readApplicant(context, type);
  const content = {
    subject: subject ?? applicant.subject,
    publicKey: applicant.publicKey,
    issuer: certificate.subject,
    authorityKeyId: certificate.keyId,
    serial: serial === undefined ? drawSerial() : parseSerial(serial),
    validity,
    features: {
      ...features,
      altNames: [...features.altNames, ...applicant.altNames],
      flags: [...features.flags, ...applicant.flags],
    },
  };
  writeEncoded(context, "CERTIFICATE", makeCertificate(content, new Signer(key, signatureOptions)));
  return ExitCode.OK;
}

async function readApplicant(context: Context, type: (typeof TYPES)[number]): Promise<Applicant> {
  const input = readInput(context);
  if (type !== "pkcs10")
    return { publicKey: await publicKeyOf(input, type, context), subject: sequence(), altNames: [], flags: [] };
  const { publicKey, subject, altNames, profile } = requestOf(input);
  return { publicKey, subject, altNames, flags: PROFILES.get(profile ?? "") ?? [] };
}
