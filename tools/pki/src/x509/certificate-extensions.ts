import {
  ACCESS_OCSP,
  EXTENDED_USAGES,
  EXTENSION,
  QUALIFIER_CPS,
  QUALIFIER_USER_NOTICE,
  bitString,
  integer,
  objectIdentifier,
  octetString,
  sequence,
  string,
  tagged,
  trueValue,
} from "@cygnet/x509";
import type { Der } from "@cygnet/x509";
import { addressBlocks } from "./address-blocks.js";
import { crlNames, extension, keyIdentifier } from "./extension.js";
import type { CrlPoint } from "./extension.js";
import { uriName } from "./names.js";

/** Extended key usages that can be asked for; `crlSign` is a key usage. */
export type UsageFlag = keyof typeof EXTENDED_USAGES | "crlSign";

/** A certificate policy, RFC 5280 section 4.2.1.4. */
export interface Policy {
  readonly oid: string;
  readonly cpsUri: string | undefined;
  readonly userNotice: string | undefined;
}

/** What a certificate shall have beside names, key and time, RFC 5280 section 4.2. OIDs as numbers with dots. */
export interface CertificateFeatures {
  readonly isCa: boolean;
  readonly pathLength: number | undefined;
  readonly flags: readonly UsageFlag[];
  /** GeneralNames, as those of the two constraints. */
  readonly altNames: readonly Der[];
  readonly crlPoints: readonly CrlPoint[];
  readonly ocspUris: readonly string[];
  readonly permittedNames: readonly Der[];
  readonly excludedNames: readonly Der[];
  readonly policies: readonly Policy[];
  readonly policyMappings: readonly (readonly [issuer: string, subject: string])[];
  readonly requireExplicitPolicy: number | undefined;
  readonly inhibitPolicyMapping: number | undefined;
  readonly inhibitAnyPolicy: number | undefined;
  readonly addressBlocks: readonly string[];
  /** OIDs of critical extensions without content, to test what does not know them. */
  readonly critical: readonly string[];
}

/** The usages in the order in which strongSwan writes them. */
const USAGE_ORDER = ["serverAuth", "clientAuth", "ikeIntermediate", "ocspSigning", "msSmartcardLogon"] as const;
/** keyCertSign and cRLSign, and the latter alone, each with one unused bit. */
const CA_USAGE = 0x06;
const CRL_USAGE = 0x02;

/**
 * The extensions of a certificate, in strongSwan's order.
 * @param subjectKeyId of the own key, in the certificates of those who sign certificates, CRLs or OCSP responses
 * @param authorityKeyId of the issuer's key, not in self-signed certificates
 * @throws {Error} for OIDs that are none, {PkiError} for address blocks that are none
 */
export function certificateExtensions(
  features: CertificateFeatures,
  subjectKeyId: Uint8Array,
  authorityKeyId: Uint8Array | undefined,
): Der[] {
  const { isCa, flags, altNames } = features;
  const signsCrls = isCa || flags.includes("crlSign");
  const signs = signsCrls || flags.includes("ocspSigning");
  return [
    ...(isCa ? [extension(EXTENSION.BASIC_CONSTRAINTS, basicConstraints(features.pathLength), "critical")] : []),
    ...(signsCrls ? [extension(EXTENSION.KEY_USAGE, bitString(Buffer.of(isCa ? CA_USAGE : CRL_USAGE), 1), "critical")] : []),
    ...(signs ? [extension(EXTENSION.SUBJECT_KEY_ID, octetString(subjectKeyId))] : []),
    ...(authorityKeyId ? [extension(EXTENSION.AUTHORITY_KEY_ID, keyIdentifier(authorityKeyId))] : []),
    ...(altNames.length > 0 ? [extension(EXTENSION.SUBJECT_ALT_NAME, sequence(...altNames))] : []),
    ...extendedUsage(flags),
    ...(features.crlPoints.length > 0 ? [extension(EXTENSION.CRL_DISTRIBUTION_POINTS, crlNames(features.crlPoints))] : []),
    ...ocspAccess(features.ocspUris),
    ...nameConstraints(features),
    ...policyExtensions(features),
    ...(features.addressBlocks.length > 0 ? [extension(EXTENSION.IP_ADDRESS_BLOCKS, addressBlocks(features.addressBlocks))] : []),
    ...features.critical.map((oid) => extension(oid, undefined, "critical")),
  ];
}

function basicConstraints(pathLength: number | undefined): Der {
  return sequence(trueValue(), ...(pathLength === undefined ? [] : [integer(pathLength)]));
}

function extendedUsage(flags: readonly UsageFlag[]): Der[] {
  const usages = USAGE_ORDER.filter((usage) => flags.includes(usage)).map((usage) => objectIdentifier(EXTENDED_USAGES[usage]));
  return usages.length === 0 ? [] : [extension(EXTENSION.EXTENDED_KEY_USAGE, sequence(...usages))];
}

function ocspAccess(uris: readonly string[]): Der[] {
  if (uris.length === 0) return [];
  const descriptions = uris.map((uri) => sequence(objectIdentifier(ACCESS_OCSP), uriName(uri)));
  return [extension(EXTENSION.AUTHORITY_INFO_ACCESS, sequence(...descriptions))];
}

/** Not critical, against RFC 5280 section 4.2.1.10: strongSwan takes them so, and so writes them. */
function nameConstraints({ permittedNames, excludedNames }: CertificateFeatures): Der[] {
  const subtrees = (number: number, names: readonly Der[]): Der[] =>
    names.length === 0
      ? []
      : [
          tagged(
            number,
            names.map((name) => sequence(name)),
          ),
        ];
  const fields = [...subtrees(0, permittedNames), ...subtrees(1, excludedNames)];
  return fields.length === 0 ? [] : [extension(EXTENSION.NAME_CONSTRAINTS, sequence(...fields))];
}

function policyExtensions(features: CertificateFeatures): Der[] {
  const { policies, policyMappings, requireExplicitPolicy, inhibitPolicyMapping, inhibitAnyPolicy } = features;
  const mappings = policyMappings.map(([issuer, subject]) => sequence(objectIdentifier(issuer), objectIdentifier(subject)));
  const constraints = [...skipCerts(0, requireExplicitPolicy), ...skipCerts(1, inhibitPolicyMapping)];
  return [
    ...(policies.length > 0 ? [extension(EXTENSION.CERTIFICATE_POLICIES, sequence(...policies.map(policyInformation)))] : []),
    ...(mappings.length > 0 ? [extension(EXTENSION.POLICY_MAPPINGS, sequence(...mappings))] : []),
    ...(constraints.length > 0 ? [extension(EXTENSION.POLICY_CONSTRAINTS, sequence(...constraints), "critical")] : []),
    ...(inhibitAnyPolicy === undefined ? [] : [extension(EXTENSION.INHIBIT_ANY_POLICY, integer(inhibitAnyPolicy), "critical")]),
  ];
}

function policyInformation({ oid, cpsUri, userNotice }: Policy): Der {
  const qualifiers = [
    ...(cpsUri === undefined ? [] : [sequence(objectIdentifier(QUALIFIER_CPS), string("ia5", cpsUri))]),
    ...(userNotice === undefined ? [] : [sequence(objectIdentifier(QUALIFIER_USER_NOTICE), sequence(noticeText(userNotice)))]),
  ];
  return sequence(objectIdentifier(oid), ...(qualifiers.length === 0 ? [] : [sequence(...qualifiers)]));
}

function noticeText(text: string): Der {
  return string(/^[\x20-\x7e]*$/.test(text) ? "visible" : "utf8", text);
}

/** In place of its own tag, RFC 5280 section 4.2.1.11 and appendix A.2; strongSwan 5.9 has the tag around an INTEGER. */
function skipCerts(number: number, count: number | undefined): Der[] {
  return count === undefined ? [] : [tagged(number, octetsOfInteger(count))];
}

function octetsOfInteger(value: number): Buffer {
  return Buffer.from(integer(value).value as string, "binary");
}
