import { DefinitionError } from "@cygnet/plugin-api";
import type { KeyProvider } from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import { Identification } from "../../identity/index.js";
import { DerReader, Tag, contextTag } from "./der-reader.js";
import { NO_EXTENSIONS, readExtensions } from "./extensions.js";
import type { Extensions } from "./extensions.js";
import { identityOf } from "./general-name.js";
import { readPublicKey } from "./keys.js";
import type { PublicKey } from "./keys.js";
import { schemeOf } from "./signature-scheme.js";
import type { SignatureScheme } from "./signature-scheme.js";

/** An X.509 certificate, RFC 5280 section 4. Immutable; owns its octets. */
export class Certificate {
  readonly der: Uint8Array;
  readonly subject: Identification;
  readonly issuer: Identification;
  /** Serial number in hex. */
  readonly serial: string;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: PublicKey;
  readonly extensions: Extensions;
  /** Identities beside the subject that it vouches for. */
  readonly altNames: readonly Identification[];
  /** How it is signed, undefined for an unknown algorithm. */
  readonly scheme: SignatureScheme | undefined;
  /** SHA-256 of all of it in hex, its name within the daemon. */
  readonly fingerprint: string;
  readonly #tbs: Uint8Array;
  readonly #signature: Uint8Array;

  /**
   * @param der is copied
   * @param what names it in errors
   * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY
   */
  constructor(der: Uint8Array, keys: KeyProvider, what = "certificate") {
    this.der = new Uint8Array(der);
    // A library reads it first: what that refuses does not get to our own reader.
    if (!keys.isCertificate(this.der)) throw new DefinitionError("CYG_CERT_SYNTAX", what, "it is no X.509 certificate");
    const outer = new DerReader(this.der, what);
    const whole = outer.enter();
    outer.end();
    this.#tbs = whole.raw(Tag.SEQUENCE);
    const algorithm = whole.raw(Tag.SEQUENCE);
    this.#signature = whole.bitString();
    whole.end();
    const tbs = new DerReader(this.#tbs, what).enter();
    const isV1 = tbs.maybe(contextTag(0)) === undefined;
    this.serial = Buffer.from(tbs.read(Tag.INTEGER)).toString("hex");
    const inner = tbs.raw(Tag.SEQUENCE);
    if (Buffer.compare(inner, algorithm) !== 0) tbs.fail("two different signature algorithms are named");
    this.scheme = schemeOf(algorithm);
    this.issuer = Identification.fromWire(IdType.ID_DER_ASN1_DN, tbs.raw(Tag.SEQUENCE));
    const validity = tbs.enter();
    this.notBefore = validity.time();
    this.notAfter = validity.time();
    this.subject = Identification.fromWire(IdType.ID_DER_ASN1_DN, tbs.raw(Tag.SEQUENCE));
    this.publicKey = readPublicKey(tbs.raw(Tag.SEQUENCE), keys, what);
    tbs.maybe(contextTag(1, false));
    tbs.maybe(contextTag(2, false));
    const extensions = isV1 ? undefined : tbs.maybe(contextTag(3));
    tbs.end();
    this.extensions = extensions ? readExtensions(new DerReader(extensions, what), what) : NO_EXTENSIONS;
    this.altNames = this.extensions.altNames.flatMap((name) => identityOf(name) ?? []);
    this.fingerprint = keys.fingerprint("sha256", this.der);
  }

  /** Whether it may sign certificates; its extensions say so, or it is of version 1 and self-signed in the old way. */
  get isCa(): boolean {
    return this.extensions.isCa;
  }

  get isSelfIssued(): boolean {
    return this.subject.equals(this.issuer);
  }

  /** Whether an identity is its subject or one of its names. */
  isFor(id: Identification): boolean {
    return this.subject.equals(id) || this.altNames.some((name) => name.equals(id));
  }

  /** Whether it names this certificate as its issuer; says nothing of the signature. */
  namesIssuer(ca: Certificate): boolean {
    if (!this.issuer.equals(ca.subject)) return false;
    const { authorityKeyId } = this.extensions;
    return authorityKeyId === undefined || authorityKeyId === (ca.extensions.subjectKeyId ?? ca.publicKey.subjectKeyId);
  }

  /** Whether its signature was made with this key. */
  isSignedBy({ key }: PublicKey): boolean {
    return (
      this.scheme !== undefined && key.kind === this.scheme.kind && key.verify(this.scheme, this.#tbs, this.#signature, "der")
    );
  }
}
