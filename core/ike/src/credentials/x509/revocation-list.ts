import { IdType } from "@cygnet/wire";
import { Identification } from "../../identity/index.js";
import type { Certificate } from "./certificate.js";
import { DerReader, Tag, contextTag } from "./der-reader.js";
import { KeyUsage, readDistributionPoints } from "./extensions.js";
import { schemeOf } from "./signature-scheme.js";
import type { SignatureScheme } from "./signature-scheme.js";

/** Reasons of RFC 5280 section 5.3.1 by number, as log lines print them. */
const REASONS: readonly string[] = [
  "unspecified",
  "key compromise",
  "ca compromise",
  "affiliation changed",
  "superseded",
  "cessation of operation",
  "certificate hold",
];

/** @param reason CRLReason, undefined where none is given */
export const revocationReason = (reason = 0): string => REASONS[reason] ?? "unspecified";

/** Takes an entry of an earlier list back, RFC 5280 section 5.3.1. */
const REMOVE_FROM_CRL = 8;

/** When and why a certificate was revoked. */
export interface Revocation {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reason: string;
}

/** A certificate revocation list, RFC 5280 section 5. Immutable; owns its octets. */
export class RevocationList {
  readonly der: Uint8Array;
  readonly issuer: Identification;
  /** Milliseconds since 1970; `nextUpdate` is undefined where the list does not say. */
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
  /** In hex. */
  readonly number: string | undefined;
  readonly authorityKeyId: string | undefined;
  /** Number of the list that this one adds to, in hex: it is a delta CRL, RFC 5280 section 5.2.4. */
  readonly baseNumber: string | undefined;
  /** Where its delta CRLs are. */
  readonly deltaUris: readonly string[] = [];
  /** OID of a critical extension that we do not understand. */
  unknownCritical: string | undefined;
  /** By serial number in hex. */
  readonly revoked = new Map<string, Revocation>();
  /** Serial numbers, in hex, that a delta CRL takes out of the list it adds to. */
  readonly removed = new Set<string>();
  readonly #tbs: Uint8Array;
  readonly #scheme: SignatureScheme | undefined;
  readonly #signature: Uint8Array;

  /** @param der is copied @throws {DefinitionError} CYG_CERT_SYNTAX */
  constructor(der: Uint8Array, what = "crl") {
    this.der = new Uint8Array(der);
    const outer = new DerReader(this.der, what);
    const whole = outer.enter();
    outer.end();
    this.#tbs = whole.raw(Tag.SEQUENCE);
    const algorithm = whole.raw(Tag.SEQUENCE);
    this.#scheme = schemeOf(algorithm);
    this.#signature = whole.bitString();
    whole.end();
    const tbs = new DerReader(this.#tbs, what).enter();
    tbs.maybe(Tag.INTEGER);
    if (Buffer.compare(tbs.raw(Tag.SEQUENCE), algorithm) !== 0) tbs.fail("two different signature algorithms are named");
    this.issuer = Identification.fromWire(IdType.ID_DER_ASN1_DN, tbs.raw(Tag.SEQUENCE));
    this.thisUpdate = tbs.time();
    this.nextUpdate = tbs.tag === Tag.UTC_TIME || tbs.tag === Tag.GENERALIZED_TIME ? tbs.time() : undefined;
    if (tbs.tag === Tag.SEQUENCE) this.#readRevoked(tbs.enter(), what);
    if (tbs.tag === contextTag(0)) {
      const list = tbs.enter(contextTag(0)).enter();
      while (!list.atEnd) {
        const { oid, isCritical, value } = readExtension(list);
        const content = new DerReader(value, what);
        if (oid === "2.5.29.20") this.number = hex(content.read(Tag.INTEGER));
        else if (oid === "2.5.29.27") this.baseNumber = hex(content.read(Tag.INTEGER));
        else if (oid === "2.5.29.46") this.deltaUris = readDistributionPoints(content.enter());
        else if (oid === "2.5.29.35") {
          const keyId = content.enter().maybe(contextTag(0, false));
          if (keyId) this.authorityKeyId = hex(keyId);
        } else if (isCritical) this.unknownCritical = oid;
      }
    }
    tbs.end();
  }

  get isDelta(): boolean {
    return this.baseNumber !== undefined;
  }

  /** Whether another list is by the same key of the same authority, and of the same kind: complete or a delta CRL. */
  isOfSameSource(other: RevocationList): boolean {
    return this.isDelta === other.isDelta && this.#isByKeyOf(other);
  }

  /**
   * Whether this delta CRL brings a complete list up to date: that has all its base has, and is not newer itself. RFC 5280 section 5.2.4;
   * signatures are another question.
   */
  appliesTo(complete: RevocationList): boolean {
    const { baseNumber, number } = this;
    if (baseNumber === undefined || number === undefined || complete.isDelta || complete.number === undefined) return false;
    return (
      this.#isByKeyOf(complete) &&
      compareNumbers(complete.number, baseNumber) >= 0 &&
      compareNumbers(number, complete.number) >= 0
    );
  }

  #isByKeyOf({ issuer, authorityKeyId }: RevocationList): boolean {
    return this.issuer.equals(issuer) && this.authorityKeyId === authorityKeyId;
  }

  /** Whether the authority of this certificate may sign lists and did sign this one. */
  isSignedBy(ca: Certificate): boolean {
    const { keyUsage } = ca.extensions;
    if (!this.issuer.equals(ca.subject) || (keyUsage !== undefined && (keyUsage & KeyUsage.CRL_SIGN) === 0)) return false;
    const { key } = ca.publicKey;
    return this.#scheme?.kind === key.kind && key.verify(this.#scheme, this.#tbs, this.#signature, "der");
  }

  #readRevoked(list: DerReader, what: string): void {
    while (!list.atEnd) {
      const entry = list.enter();
      const serial = hex(entry.read(Tag.INTEGER));
      const at = entry.time();
      let reason = 0;
      if (entry.tag === Tag.SEQUENCE) {
        const extensions = entry.enter();
        while (!extensions.atEnd) {
          const { oid, isCritical, value } = readExtension(extensions);
          if (oid === "2.5.29.21") reason = new DerReader(value, what).read(Tag.ENUMERATED)[0] ?? 0;
          // Such as the issuer of a certificate that is not this list's.
          else if (isCritical) this.unknownCritical = oid;
        }
      }
      if (reason === REMOVE_FROM_CRL) {
        this.revoked.delete(serial);
        this.removed.add(serial);
      } else {
        this.removed.delete(serial);
        this.revoked.set(serial, { at, reason: revocationReason(reason) });
      }
    }
  }
}

function readExtension(list: DerReader): { readonly oid: string; readonly isCritical: boolean; readonly value: Uint8Array } {
  const extension = list.enter();
  const oid = extension.oid();
  const isCritical = extension.tag === Tag.BOOLEAN && extension.boolean();
  return { oid, isCritical, value: extension.read(Tag.OCTET_STRING) };
}

/** Compares numbers of lists, which are not negative and may have 20 octets. */
function compareNumbers(a: string, b: string): number {
  const [first, second] = [a, b].map((each) => each.replace(/^(?:00)+/, "")) as [string, string];
  return first.length - second.length || (first < second ? -1 : Number(first > second));
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
