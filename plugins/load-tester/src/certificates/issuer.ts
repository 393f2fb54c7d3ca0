import type { Identity, OwnCertificate } from "@cygnet/plugin-api";
import { IdType } from "@cygnet/wire";
import type { ShardPlace } from "../shard-share.js";
import { extension, signCertificate } from "./certificate.js";
import { Tag, contextTag, der, name } from "./der.js";
import { signatureAlgorithm } from "./signature-algorithm.js";
import type { Digest, SignatureAlgorithm } from "./signature-algorithm.js";

/** What an `Issuer` is made of. */
export interface IssuerOptions {
  /** The authority's certificate and the key of everybody. */
  readonly authority: OwnCertificate;
  readonly digest: Digest;
  /** Where the authority's revocation list is said to be. */
  readonly crl: string | undefined;
  /** Each shard has other serial numbers. */
  readonly place: ShardPlace;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}

/** Certificates are valid from so long before they are made until so long behind. */
export const VALIDITY_MS = 24 * 60 * 60 * 1000;

const COMMON_NAME = "2.5.4.3";
const SUBJECT_ALT_NAME = "2.5.29.17";
const AUTHORITY_KEY_ID = "2.5.29.35";
const CRL_DISTRIBUTION_POINTS = "2.5.29.31";

/** The choice of a GeneralName for each type of identity that is one, RFC 5280 section 4.2.1.6. */
const GENERAL_NAMES: ReadonlyMap<number, number> = new Map([
  [IdType.ID_RFC822_ADDR, 1],
  [IdType.ID_FQDN, 2],
  [IdType.ID_IPV4_ADDR, 7],
  [IdType.ID_IPV6_ADDR, 7],
]);
const URI_NAME = 6;

/** Issues certificates for whoever takes part in a load test, all of them with the authority's own key. */
export class Issuer {
  readonly #options: IssuerOptions;
  readonly #algorithm: SignatureAlgorithm;
  readonly #name: Uint8Array;
  /** Of each certificate, whoever it is for. */
  readonly #extensions: readonly Uint8Array[];
  #serial: number;

  constructor(options: IssuerOptions) {
    this.#options = options;
    const { authority, digest, crl, place } = options;
    const { subjectDer, subjectKeyId, publicKey } = authority.certificate;
    this.#algorithm = signatureAlgorithm(authority.key.kind, digest);
    this.#name = Buffer.from(subjectDer, "hex");
    this.#extensions = [
      authorityKeyId(subjectKeyId ?? publicKey.subjectKeyId),
      ...(crl === undefined ? [] : [distributionPoint(crl)]),
    ];
    this.#serial = place.shard + 1 - place.shards;
  }

  /**
   * A certificate for an identity: as its subject if it is a name of that kind, else as its alternative name.
   * @returns DER; undefined for what certificates have no place for, such as key identifiers
   */
  issue(id: Identity): Promise<Uint8Array> | undefined {
    const choice = GENERAL_NAMES.get(id.type);
    if (choice === undefined && id.type !== IdType.ID_DER_ASN1_DN) return undefined;
    const { authority, place, nowMs } = this.#options;
    const now = nowMs();
    return signCertificate(authority.key, this.#algorithm, {
      serial: (this.#serial += place.shards),
      issuer: this.#name,
      subject: choice === undefined ? id.data : name([COMMON_NAME, der(Tag.UTF8_STRING, Buffer.from(id.toString()))]),
      notBefore: now - VALIDITY_MS,
      notAfter: now + VALIDITY_MS,
      publicKey: authority.key.publicKey,
      extensions: choice === undefined ? this.#extensions : [...this.#extensions, altName(choice, id.data)],
    });
  }
}

const altName = (choice: number, octets: Uint8Array): Uint8Array =>
  extension(SUBJECT_ALT_NAME, der(Tag.SEQUENCE, der(contextTag(choice), octets)));

/** @param hex of the key identifier */
const authorityKeyId = (hex: string): Uint8Array =>
  extension(AUTHORITY_KEY_ID, der(Tag.SEQUENCE, der(contextTag(0), Buffer.from(hex, "hex"))));

function distributionPoint(uri: string): Uint8Array {
  const fullName = der(contextTag(0, true), der(contextTag(URI_NAME), Buffer.from(uri)));
  return extension(CRL_DISTRIBUTION_POINTS, der(Tag.SEQUENCE, der(Tag.SEQUENCE, der(contextTag(0, true), fullName))));
}
