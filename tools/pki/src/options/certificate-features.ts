import { CommandLineError } from "@cygnet/command";
import type { CommandOptions, OptionRule } from "@cygnet/command";
import { EXTENDED_USAGES, objectIdentifier } from "@cygnet/x509";
import type { CertificateFeatures, Policy, UsageFlag } from "../x509/certificate-extensions.js";
import type { CrlPoint } from "../x509/extension.js";
import { constraintBase, distinguishedName, generalName } from "../x509/names.js";
import { numberOf, wordOf } from "./option-values.js";

const FLAGS = [...(Object.keys(EXTENDED_USAGES) as (keyof typeof EXTENDED_USAGES)[]), "crlSign"] as const;
/** Chains are never that long. */
const MAX_LENGTH = 127;

const value = (name: string, letter: string, description: string): OptionRule => ({
  name,
  letter,
  description,
  takesValue: true,
});

/** Options of what a certificate shall have, in self-signed and issued ones. */
export const FEATURE_RULES: readonly OptionRule[] = [
  value("san", "a", "a name beside the subject (subjectAltName), may be repeated"),
  { name: "ca", letter: "b", takesValue: false, description: "it is an authority's" },
  value("pathlen", "p", "how many authorities may follow below it"),
  value("addrblock", "B", "addresses that are its holder's (RFC 3779), may be repeated"),
  value("nc-permitted", "n", "names that those below it may have, may be repeated"),
  value("nc-excluded", "N", "names that those below it must not have, may be repeated"),
  value("cert-policy", "P", "OID of a certificate policy, may be repeated"),
  value("cps-uri", "C", "where the practice statement of the policy before is"),
  value("user-notice", "U", "what users are told of the policy before"),
  value("policy-mapping", "M", "OIDs of an issuer's and a subject's policy that are equal, with a colon between"),
  value("policy-explicit", "E", "after how many certificates a policy is needed"),
  value("policy-inhibit", "H", "after how many certificates policies are no longer mapped"),
  value("policy-any", "A", "after how many certificates anyPolicy counts no more"),
  value("flag", "e", "what the key may be used for, may be repeated"),
  value("ocsp", "o", "URI of an OCSP responder, may be repeated"),
  value("critical", "X", "OID of a critical extension without content, for tests"),
];

export const FEATURE_USAGE = [
  "[--san NAME]+ [--ca] [--pathlen COUNT]",
  `[--flag ${FLAGS.join("|")}]+`,
  "[--ocsp URI]+ [--addrblock BLOCK]+ [--nc-permitted NAME]+ [--nc-excluded NAME]+",
  "[--cert-policy OID [--cps-uri URI] [--user-notice TEXT]]+ [--policy-mapping OID:OID]+",
  "[--policy-explicit COUNT] [--policy-inhibit COUNT] [--policy-any COUNT] [--critical OID]+",
] as const;

/** @throws {CommandLineError, PkiError} */
export function readFeatures(options: CommandOptions): CertificateFeatures {
  const isCa = options.has("ca");
  const pathLength = numberOf(options, "pathlen", 0, MAX_LENGTH);
  if (pathLength !== undefined && !isCa) throw new CommandLineError("--pathlen is for authorities, with --ca");
  return {
    isCa,
    pathLength,
    flags: options.all("flag").map((flag): UsageFlag => wordOf("flag", flag, FLAGS)),
    altNames: options.all("san").map(generalName),
    crlPoints: readCrlPoints(options),
    ocspUris: options.all("ocsp"),
    permittedNames: options.all("nc-permitted").map(constraintBase),
    excludedNames: options.all("nc-excluded").map(constraintBase),
    policies: readPolicies(options),
    policyMappings: options.all("policy-mapping").map(readMapping),
    requireExplicitPolicy: numberOf(options, "policy-explicit", 0, MAX_LENGTH),
    inhibitPolicyMapping: numberOf(options, "policy-inhibit", 0, MAX_LENGTH),
    inhibitAnyPolicy: numberOf(options, "policy-any", 0, MAX_LENGTH),
    addressBlocks: options.all("addrblock"),
    critical: options.all("critical").map((oid) => checkedOid("critical", oid)),
  };
}

/** @throws {CommandLineError} unless it is an OID */
export function checkedOid(option: string, text: string): string {
  try {
    objectIdentifier(text);
    return text;
  } catch (error) {
    throw new CommandLineError(`option '--${option}': ${(error as Error).message}`, { cause: error });
  }
}

/** Each `--cps-uri` and `--user-notice` belongs to the policy before it. */
function readPolicies(options: CommandOptions): Policy[] {
  const policies: { -readonly [K in keyof Policy]: Policy[K] }[] = [];
  for (const [name, text] of options.inOrder) {
    if (name === "cert-policy") policies.push({ oid: checkedOid(name, text), cpsUri: undefined, userNotice: undefined });
    if (name !== "cps-uri" && name !== "user-notice") continue;
    const policy = policies.at(-1);
    if (policy === undefined) throw new CommandLineError(`--${name} must follow a --cert-policy`);
    policy[name === "cps-uri" ? "cpsUri" : "userNotice"] = text;
  }
  return policies;
}

/** Each `--crlissuer` belongs to the `--crl` before it. */
function readCrlPoints(options: CommandOptions): CrlPoint[] {
  const points: CrlPoint[] = [];
  for (const [name, text] of options.inOrder) {
    if (name === "crl") points.push({ uri: text, issuer: undefined });
    if (name !== "crlissuer") continue;
    const point = points.pop();
    if (point === undefined) throw new CommandLineError("--crlissuer must follow a --crl");
    points.push({ uri: point.uri, issuer: distinguishedName(text) });
  }
  return points;
}

function readMapping(text: string): readonly [string, string] {
  const [issuer = "", subject = "", ...rest] = text.split(":");
  if (rest.length > 0) throw new CommandLineError(`option '--policy-mapping': '${text}' is not two OIDs`);
  return [checkedOid("policy-mapping", issuer), checkedOid("policy-mapping", subject)];
}
