import { children, isTrue, octetsOf, oidOf, parseDer } from "./der.js";
import type { Der } from "./der.js";

/** Extensions of RFC 5280 sections 4.2 and 5.2, RFC 3779 section 2.2.3. */
export const EXTENSION = {
  SUBJECT_KEY_ID: "2.5.29.14",
  KEY_USAGE: "2.5.29.15",
  SUBJECT_ALT_NAME: "2.5.29.17",
  BASIC_CONSTRAINTS: "2.5.29.19",
  CRL_NUMBER: "2.5.29.20",
  REASON_CODE: "2.5.29.21",
  DELTA_CRL_INDICATOR: "2.5.29.27",
  NAME_CONSTRAINTS: "2.5.29.30",
  CRL_DISTRIBUTION_POINTS: "2.5.29.31",
  CERTIFICATE_POLICIES: "2.5.29.32",
  POLICY_MAPPINGS: "2.5.29.33",
  AUTHORITY_KEY_ID: "2.5.29.35",
  POLICY_CONSTRAINTS: "2.5.29.36",
  EXTENDED_KEY_USAGE: "2.5.29.37",
  FRESHEST_CRL: "2.5.29.46",
  INHIBIT_ANY_POLICY: "2.5.29.54",
  AUTHORITY_INFO_ACCESS: "1.3.6.1.5.5.7.1.1",
  IP_ADDRESS_BLOCKS: "1.3.6.1.5.5.7.1.7",
} as const;

/** Methods of authority information access and qualifiers of policies, RFC 5280 sections 4.2.1.4 and 4.2.2.1. */
export const ACCESS_OCSP = "1.3.6.1.5.5.7.48.1";
export const QUALIFIER_CPS = "1.3.6.1.5.5.7.2.1";
export const QUALIFIER_USER_NOTICE = "1.3.6.1.5.5.7.2.2";

/** Extended key usages by the names that strongSwan has for them, in the order in which it shows them. */
export const EXTENDED_USAGES = {
  ocspSigning: "1.3.6.1.5.5.7.3.9",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  ikeIntermediate: "1.3.6.1.5.5.8.2.2",
  msSmartcardLogon: "1.3.6.1.4.1.311.20.2.2",
} as const;

/** Why a certificate was revoked, by number, RFC 5280 section 5.3.1. */
export const REVOCATION_REASONS: readonly string[] = [
  "unspecified",
  "key compromise",
  "ca compromise",
  "affiliation changed",
  "superseded",
  "cessation of operation",
  "certificate hold",
  "",
  "remove from crl",
];

/** An extension: the octets in its OCTET STRING. */
export interface Extension {
  readonly isCritical: boolean;
  readonly octets: Buffer;
}

/** The extensions of a certificate, a CRL, an entry of one, or a request, by OID. */
export class Extensions {
  static readonly NONE = new Extensions(new Map());

  constructor(private readonly all: ReadonlyMap<string, Extension>) {}

  /** @param list a SEQUENCE of Extension, RFC 5280 section 4.1; none if undefined @throws {Error} for anything else */
  static read(list: Der | undefined): Extensions {
    if (list === undefined) return Extensions.NONE;
    return new Extensions(
      new Map(
        children(list).map((extension) => {
          const [oid, ...rest] = children(extension) as [Der, ...Der[]];
          const value = rest.at(-1);
          if (value === undefined) throw new Error("an extension has no value");
          return [oidOf(oid), { isCritical: isTrue(rest[0]), octets: octetsOf(value) }];
        }),
      ),
    );
  }

  /** What is in an extension; undefined where it is not there. @throws {Error} for what is no DER */
  get(oid: string): Der | undefined {
    const found = this.all.get(oid);
    return found && parseDer(found.octets);
  }
}
