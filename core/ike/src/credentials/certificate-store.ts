import type { AuthorityUris, KeyProvider, OwnCertificate } from "@cygnet/plugin-api";
import type { Identification } from "../identity/index.js";
import { FETCHED_LISTS, FETCHED_RESPONSES } from "./certificate-change.js";
import type { CertificateChange } from "./certificate-change.js";
import { describeCertificate } from "./describe-certificate.js";
import { PgpKey } from "./pgp-key.js";
import { OcspResponses } from "./revocation/ocsp-responses.js";
import type { SignedAnswer } from "./revocation/ocsp-responses.js";
import { Certificate, OcspResponse, RawPublicKey, RevocationList, readPrivateKey } from "./x509/index.js";
import type { PrivateKey, PublicKey } from "./x509/index.js";

/** A certificate that was loaded. */
export interface StoredCertificate {
  readonly set: string;
  readonly certificate: Certificate;
  /** It was loaded as an authority's: chains may end with it. */
  readonly isTrusted: boolean;
  /** It was loaded as an OCSP responder's. */
  readonly isOcspSigner?: boolean;
}

/** One of our keys with what goes with it: a certificate, an OpenPGP key, or nothing where the peer knows the key itself. */
export interface OwnCredential {
  readonly certificate: Certificate | undefined;
  readonly pgpKey: PgpKey | undefined;
  readonly key: PrivateKey;
}

/** A revocation list, with the fingerprints of authorities that were found to have signed it or not. */
interface StoredList {
  readonly set: string;
  readonly list: RevocationList;
  readonly signers: Map<string, boolean>;
}

/** Signatures of certificates whose verification is remembered. */
const MAX_VERIFIED = 1024;
/** Certificates of peers that are kept read: a gateway's comes again with each IKE_SA, and reading one takes half a millisecond. */
const MAX_RECENT = 64;
/** Authorities whose answer is remembered for each list. */
const MAX_SIGNERS = 64;

/** Certificates, private keys and revocation lists of one shard, in named sets. */
export class CertificateStore {
  #certificates: StoredCertificate[] = [];
  readonly #authorities = new Map<string, Certificate>();
  #keys: { readonly set: string; readonly key: PrivateKey }[] = [];
  #publicKeys: { readonly set: string; readonly key: RawPublicKey }[] = [];
  #pgpKeys: { readonly set: string; readonly key: PgpKey }[] = [];
  #lists: StoredList[] = [];
  #authorityUris: { readonly set: string; readonly fingerprint: string; readonly uris: AuthorityUris }[] = [];
  readonly #responses = new OcspResponses();
  /** Fingerprints of certificates with those of their issuers: what was found right once stays right. */
  readonly #verified = new Set<string>();
  /** What was read last, by fingerprint. */
  readonly #recent = new Map<string, Certificate>();

  /** @param keys of a plugin; asked for when it is needed, since plugins come later */
  constructor(private readonly keys: () => KeyProvider) {}

  /** Reads a certificate that a peer sent, or knows it from the last time. @throws {DefinitionError} CYG_CERT_* */
  read(der: Uint8Array): Certificate {
    const keys = this.keys();
    const fingerprint = keys.fingerprint("sha256", der);
    const known = this.#recent.get(fingerprint);
    if (known) this.#recent.delete(fingerprint);
    const certificate = known ?? new Certificate(der, keys);
    if (this.#recent.size >= MAX_RECENT) this.#recent.delete(this.#recent.keys().next().value!);
    this.#recent.set(fingerprint, certificate);
    return certificate;
  }

  /** SHA-1 in hex, which certificates that are elsewhere are named by. */
  sha1(octets: Uint8Array): string {
    return this.keys().fingerprint("sha1", octets);
  }

  /** Applies what `CredentialStoreImpl` broadcasts. @throws {DefinitionError} CYG_CERT_*; nothing has changed then */
  apply(change: CertificateChange): void {
    if (change.op === "ocsp") return this.#responses.add(new OcspResponse(change.der, this.keys()));
    const { set } = change;
    switch (change.op) {
      case "certificate":
        this.#add({ set, certificate: this.read(change.der), isTrusted: change.isTrusted, isOcspSigner: change.isOcspSigner });
        return;
      case "private-key":
        this.#keys.push({ set, key: readPrivateKey(change.secret, this.keys(), "private key") });
        return;
      case "public-key":
        this.#publicKeys.push({ set, key: new RawPublicKey(change.der, this.keys()) });
        return;
      case "pgp":
        this.#pgpKeys.push({ set, key: new PgpKey(change.key, this.keys()) });
        return;
      case "authority-uris":
        this.#authorityUris.push({ set, fingerprint: change.fingerprint, uris: change.uris });
        return;
      case "crl":
        this.#addList({ set, list: new RevocationList(change.der), signers: new Map() });
        return;
      case "remove":
        this.#remove(set);
    }
  }

  /** Forgets everything, at shutdown. */
  clear(): void {
    this.#certificates = [];
    this.#keys = [];
    this.#publicKeys = [];
    this.#pgpKeys = [];
    this.#lists = [];
    this.#authorityUris = [];
    this.#responses.clear();
    this.#authorities.clear();
    this.#verified.clear();
    this.#recent.clear();
  }

  /** Authorities that we trust, in the order they were loaded. */
  get authorities(): Iterable<Certificate> {
    return this.#authorities.values();
  }

  get hasAuthorities(): boolean {
    return this.#authorities.size > 0;
  }

  /** The authority whose SubjectPublicKeyInfo has this SHA-1, in hex. */
  authorityByKeyId(keyId: string): Certificate | undefined {
    for (const ca of this.#authorities.values()) if (ca.publicKey.keyId === keyId) return ca;
    return undefined;
  }

  isAuthority({ fingerprint }: Certificate): boolean {
    return this.#authorities.has(fingerprint);
  }

  /** The certificate of this SHA-256 in hex. */
  byFingerprint(fingerprint: string): Certificate | undefined {
    return this.#certificates.find(({ certificate }) => certificate.fingerprint === fingerprint)?.certificate;
  }

  /** The raw public key of this SHA-256 in hex. */
  publicKeyByFingerprint(fingerprint: string): RawPublicKey | undefined {
    return this.#publicKeys.find(({ key }) => key.fingerprint === fingerprint)?.key;
  }

  /** The OpenPGP key of this SHA-256 in hex. */
  pgpKeyByFingerprint(fingerprint: string): PgpKey | undefined {
    return this.#pgpKeys.find(({ key }) => key.fingerprint === fingerprint)?.key;
  }

  /** The loaded OpenPGP key of these packets. */
  pgpKeyOf(octets: Uint8Array): PgpKey | undefined {
    return this.#pgpKeys.find(({ key }) => Buffer.compare(key.content.octets, octets) === 0)?.key;
  }

  /** Loaded OpenPGP keys that vouch for an identity. */
  pgpKeysFor(id: Identification): PgpKey[] {
    return this.#pgpKeys.flatMap(({ key }) => (key.isFor(id) ? [key] : []));
  }

  /** Loaded certificates that vouch for an identity. */
  certificatesFor(id: Identification): Certificate[] {
    return this.#certificates.flatMap(({ certificate }) => (certificate.isFor(id) ? [certificate] : []));
  }

  /** Loaded certificates that a certificate names as its issuer. */
  issuersOf(certificate: Certificate): Certificate[] {
    return this.#certificates.flatMap((stored) => (certificate.namesIssuer(stored.certificate) ? [stored.certificate] : []));
  }

  /**
   * What we prove an identity with: the given certificates and keys if any, else the certificates and OpenPGP keys that vouch for it, with a
   * private key each.
   * @param fingerprints of what to choose from
   */
  ownCredentials(id: Identification, fingerprints: readonly string[]): OwnCredential[] {
    if (fingerprints.length === 0)
      return [...this.certificatesFor(id), ...this.pgpKeysFor(id)].flatMap((each) => this.#ownCredential(each.publicKey, each));
    return fingerprints.flatMap((fingerprint) => {
      const vouching = this.byFingerprint(fingerprint) ?? this.pgpKeyByFingerprint(fingerprint);
      const publicKey = vouching?.publicKey ?? this.publicKeyByFingerprint(fingerprint)?.publicKey;
      return publicKey ? this.#ownCredential(publicKey, vouching) : [];
    });
  }

  /** A certificate, loaded or not, with its private key; undefined where that was not loaded. */
  credentialOf(certificate: Certificate): OwnCredential | undefined {
    return this.#ownCredential(certificate.publicKey, certificate)[0];
  }

  /** The certificates of a set whose private keys were loaded. */
  ownCertificates(set: string): OwnCertificate[] {
    return this.#certificates.flatMap((stored) => {
      const own = stored.set === set ? this.credentialOf(stored.certificate) : undefined;
      return own ? [{ certificate: describeCertificate(stored, true), key: own.key.key }] : [];
    });
  }

  #ownCredential({ keyId }: PublicKey, vouching: Certificate | PgpKey | undefined): OwnCredential[] {
    const found = this.#keys.find(({ key }) => key.publicKey.keyId === keyId);
    if (!found) return [];
    const pgpKey = vouching instanceof PgpKey ? vouching : undefined;
    return [{ certificate: vouching instanceof PgpKey ? undefined : vouching, pgpKey, key: found.key }];
  }

  /** The newest complete list that an authority signed, whether it still holds or not. */
  revocationList(ca: Certificate): RevocationList | undefined {
    return this.#newestList(ca, ({ isDelta }) => !isDelta);
  }

  /** The newest delta CRL of an authority that brings one of its complete lists up to date, whether it still holds or not. */
  deltaList(ca: Certificate, complete: RevocationList): RevocationList | undefined {
    return this.#newestList(ca, (list) => list.appliesTo(complete));
  }

  #newestList(ca: Certificate, isWanted: (list: RevocationList) => boolean): RevocationList | undefined {
    let newest: RevocationList | undefined;
    for (const stored of this.#lists) {
      const { list } = stored;
      if ((newest && newest.thisUpdate >= list.thisUpdate) || !isWanted(list)) continue;
      if (list.unknownCritical === undefined && list.issuer.equals(ca.subject) && isListSignedBy(stored, ca)) newest = list;
    }
    return newest;
  }

  /** Where to ask about the certificates of an authority, beside what they say themselves. */
  authorityUris({ fingerprint }: Certificate): readonly AuthorityUris[] {
    return this.#authorityUris.flatMap((each) => (each.fingerprint === fingerprint ? [each.uris] : []));
  }

  /** The newest word of a responder about a certificate, from one that may answer for its issuer. */
  ocspAnswer(certificate: Certificate, issuer: Certificate, nowMs: number): SignedAnswer | undefined {
    const trusted = this.#certificates.flatMap((stored) => (stored.isOcspSigner ? [stored.certificate] : []));
    return this.#responses.find(certificate, issuer, { trusted, nowMs, keys: this.keys() });
  }

  /** Whether a certificate was signed by an issuer's key; remembered when it was. */
  isSignedBy(certificate: Certificate, issuer: Certificate): boolean {
    const pair = `${certificate.fingerprint}${issuer.fingerprint}`;
    if (this.#verified.has(pair)) return true;
    if (!certificate.isSignedBy(issuer.publicKey)) return false;
    if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
    this.#verified.add(pair);
    return true;
  }

  #add(stored: StoredCertificate): void {
    this.#certificates.push(stored);
    const { certificate, isTrusted } = stored;
    if (isTrusted) this.#authorities.set(certificate.fingerprint, certificate);
  }

  /** Of an authority's lists that were fetched, only the newest stays, and the newest delta CRL. */
  #addList(stored: StoredList): void {
    const { set, list } = stored;
    if (set === FETCHED_LISTS) this.#lists = this.#lists.filter((each) => each.set !== set || !each.list.isOfSameSource(list));
    this.#lists.push(stored);
  }

  #remove(set: string): void {
    if (set === FETCHED_RESPONSES) this.#responses.clear();
    this.#authorityUris = this.#authorityUris.filter((each) => each.set !== set);
    this.#certificates = this.#certificates.filter((stored) => stored.set !== set);
    this.#keys = this.#keys.filter((stored) => stored.set !== set);
    this.#publicKeys = this.#publicKeys.filter((stored) => stored.set !== set);
    this.#pgpKeys = this.#pgpKeys.filter((stored) => stored.set !== set);
    this.#lists = this.#lists.filter((stored) => stored.set !== set);
    this.#authorities.clear();
    for (const { certificate, isTrusted } of this.#certificates)
      if (isTrusted) this.#authorities.set(certificate.fingerprint, certificate);
  }
}

/** Lists may have megabytes, which are hashed once. */
function isListSignedBy({ list, signers }: StoredList, ca: Certificate): boolean {
  const known = signers.get(ca.fingerprint);
  if (known !== undefined) return known;
  const isSigned = list.isSignedBy(ca);
  if (signers.size >= MAX_SIGNERS) signers.clear();
  signers.set(ca.fingerprint, isSigned);
  return isSigned;
}
