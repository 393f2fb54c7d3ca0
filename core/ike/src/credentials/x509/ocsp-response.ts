import { DefinitionError } from "@cygnet/plugin-api";
import type { KeyProvider } from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import { Identification } from "../../identity/index.js";
import { Certificate } from "./certificate.js";
import { DerReader, Tag, contextTag } from "./der-reader.js";
import { KeyUsage } from "./extensions.js";
import type { PublicKey } from "./keys.js";
import { revocationReason } from "./revocation-list.js";
import type { Revocation } from "./revocation-list.js";
import { schemeOf } from "./signature-scheme.js";
import type { SignatureScheme } from "./signature-scheme.js";

/** OIDs of RFC 6960. */
const BASIC_RESPONSE = "1.3.6.1.5.5.7.48.1.1";
const NONCE = "1.3.6.1.5.5.7.48.1.2";
const OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
const SHA1 = "1.3.14.3.2.26";
const SHA256 = "2.16.840.1.101.3.4.2.1";

/** Certificates in a response that are looked at, each of which costs a verification. */
const MAX_CERTIFICATES = 4;
/** Answers in a response; we ask for one. */
const MAX_ANSWERS = 64;

/** Values of responseStatus, RFC 6960 section 4.2.1. */
const STATUS: readonly (string | undefined)[] = [
  "successful",
  "malformed request",
  "internal error",
  "try later",
  undefined,
  "signature required",
  "unauthorized",
];

/** What a responder says of one certificate. Times are milliseconds since 1970. */
export interface OcspAnswer {
  readonly issuerNameHash: string;
  readonly issuerKeyHash: string;
  readonly hash: "sha1" | "sha256" | undefined;
  /** Serial number in hex. */
  readonly serial: string;
  readonly status: "good" | "unknown" | Revocation;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
}

/** A successful basic OCSP response, RFC 6960 section 4.2. Immutable; owns its octets. */
export class OcspResponse {
  readonly der: Uint8Array;
  readonly answers: readonly OcspAnswer[];
  readonly producedAt: number;
  /** In hex, undefined where the responder gave none. */
  readonly nonce: string | undefined;
  /** SHA-1 of the responder's key in hex, or its name in DER. */
  readonly responderKey: string | undefined;
  readonly responderName: Uint8Array | undefined;
  readonly #certificates: readonly Certificate[];
  readonly #tbs: Uint8Array;
  readonly #scheme: SignatureScheme | undefined;
  readonly #signature: Uint8Array;

  /**
   * @param der is copied
   * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY; CYG_OCSP_STATUS for a response that says why there is none
   */
  constructor(der: Uint8Array, keys: KeyProvider, what = "ocsp response") {
    this.der = new Uint8Array(der);
    const outer = new DerReader(this.der, what);
    const whole = outer.enter();
    outer.end();
    const status = whole.read(Tag.ENUMERATED)[0] ?? -1;
    if (status !== 0) throw new DefinitionError("CYG_OCSP_STATUS", what, STATUS[status] ?? `status ${status}`);
    const bytes = whole.enter(contextTag(0)).enter();
    whole.end();
    const type = bytes.oid();
    if (type !== BASIC_RESPONSE) bytes.fail(`it is of type ${type}`);
    const basic = new DerReader(bytes.read(Tag.OCTET_STRING), what).enter();
    bytes.end();
    this.#tbs = basic.raw(Tag.SEQUENCE);
    this.#scheme = schemeOf(basic.raw(Tag.SEQUENCE));
    this.#signature = basic.bitString();
    this.#certificates = basic.tag === contextTag(0) ? readCertificates(basic.enter(contextTag(0)).enter(), keys) : [];
    basic.end();

    const tbs = new DerReader(this.#tbs, what).enter();
    tbs.maybe(contextTag(0));
    if (tbs.tag === contextTag(1)) this.responderName = tbs.enter(contextTag(1)).raw(Tag.SEQUENCE);
    else this.responderKey = hex(tbs.enter(contextTag(2)).read(Tag.OCTET_STRING));
    this.producedAt = tbs.time();
    this.answers = readAnswers(tbs.enter());
    this.nonce = tbs.tag === contextTag(1) ? readNonce(tbs.enter(contextTag(1)).enter(), what) : undefined;
    tbs.end();
  }

  /** What it says of a certificate of this issuer. */
  answerFor(certificate: Certificate, issuer: Certificate, keys: KeyProvider): OcspAnswer | undefined {
    return this.answers.find(
      ({ hash, serial, issuerNameHash, issuerKeyHash }) =>
        hash !== undefined &&
        serial === certificate.serial &&
        issuerNameHash === keys.fingerprint(hash, issuer.subject.data) &&
        issuerKeyHash === issuer.publicKey.keyHash(hash),
    );
  }

  /**
   * Who signed it, of those that may answer for the issuer, RFC 6960 section 4.2.2.2: the issuer itself, whom it has empowered with a
   * certificate of its own, and those that we were told to trust.
   * @param trusted responders that were loaded
   * @param nowMs certificates in the response must be valid then
   */
  signer(issuer: Certificate, trusted: readonly Certificate[], nowMs: number): Certificate | undefined {
    return this.#mayAnswer(issuer, trusted, nowMs).find((each) => this.#isFrom(each));
  }

  /** Whether it names one of those as its signer, whoever signed it in truth. */
  isNamedBy(issuer: Certificate, trusted: readonly Certificate[], nowMs: number): boolean {
    return this.#mayAnswer(issuer, trusted, nowMs).some((each) => this.#isNamed(each));
  }

  /** Who it says that has signed it: a distinguished name, or the hash of a key. */
  get responder(): string {
    const { responderName, responderKey = "" } = this;
    return responderName
      ? Identification.fromWire(IdType.ID_DER_ASN1_DN, responderName).toString()
      : Identification.fromWire(IdType.ID_KEY_ID, Buffer.from(responderKey, "hex")).toString();
  }

  #mayAnswer(issuer: Certificate, trusted: readonly Certificate[], nowMs: number): Certificate[] {
    const delegated = this.#certificates.filter(
      (each) =>
        each.extensions.extendedKeyUsage.includes(OCSP_SIGNING) &&
        each.extensions.unknownCritical === undefined &&
        each.notBefore <= nowMs &&
        nowMs <= each.notAfter &&
        each.namesIssuer(issuer) &&
        each.isSignedBy(issuer.publicKey),
    );
    return [issuer, ...trusted, ...delegated];
  }

  #isFrom(certificate: Certificate): boolean {
    const { publicKey, extensions } = certificate;
    const maySign =
      extensions.keyUsage === undefined || (extensions.keyUsage & (KeyUsage.DIGITAL_SIGNATURE | KeyUsage.CRL_SIGN)) !== 0;
    return this.#isNamed(certificate) && maySign && this.#isSignedBy(publicKey);
  }

  #isNamed({ publicKey, subject }: Certificate): boolean {
    const { responderName, responderKey } = this;
    return responderName ? Buffer.compare(subject.data, responderName) === 0 : responderKey === publicKey.subjectKeyId;
  }

  #isSignedBy({ key }: PublicKey): boolean {
    return this.#scheme?.kind === key.kind && key.verify(this.#scheme, this.#tbs, this.#signature, "der");
  }
}

/** Those that cannot be read are none that could help. */
function readCertificates(list: DerReader, keys: KeyProvider): Certificate[] {
  const all: Certificate[] = [];
  while (!list.atEnd && all.length < MAX_CERTIFICATES) {
    const der = list.raw();
    try {
      all.push(new Certificate(der, keys));
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
    }
  }
  return all;
}

function readAnswers(list: DerReader): OcspAnswer[] {
  const all: OcspAnswer[] = [];
  while (!list.atEnd) {
    if (all.length === MAX_ANSWERS) list.fail(`it has more than ${MAX_ANSWERS} answers`);
    const single = list.enter();
    const id = single.enter();
    const oid = id.enter().oid();
    const issuerNameHash = hex(id.read(Tag.OCTET_STRING));
    const issuerKeyHash = hex(id.read(Tag.OCTET_STRING));
    const serial = hex(id.read(Tag.INTEGER));
    id.end();
    const status = readStatus(single);
    const thisUpdate = single.time();
    const nextUpdate = single.tag === contextTag(0) ? single.enter(contextTag(0)).time() : undefined;
    const hash = oid === SHA1 ? "sha1" : oid === SHA256 ? "sha256" : undefined;
    all.push({ issuerNameHash, issuerKeyHash, hash, serial, status, thisUpdate, nextUpdate });
  }
  return all;
}

function readStatus(single: DerReader): OcspAnswer["status"] {
  if (single.maybe(contextTag(0, false))) return "good";
  if (single.maybe(contextTag(2, false))) return "unknown";
  const revoked = single.enter(contextTag(1));
  const at = revoked.time();
  const reason = revoked.tag === contextTag(0) ? revoked.enter(contextTag(0)).read(Tag.ENUMERATED)[0] : undefined;
  return { at, reason: revocationReason(reason) };
}

function readNonce(list: DerReader, what: string): string | undefined {
  let nonce: string | undefined;
  while (!list.atEnd) {
    const extension = list.enter();
    const oid = extension.oid();
    const isCritical = extension.tag === Tag.BOOLEAN && extension.boolean();
    const value = extension.read(Tag.OCTET_STRING);
    // RFC 8954 has it in an OCTET STRING.
    if (oid === NONCE) nonce = hex(new DerReader(value, what).read(Tag.OCTET_STRING));
    else if (isCritical) list.fail(`critical extension ${oid} is not supported`);
  }
  return nonce;
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
