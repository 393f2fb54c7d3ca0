import { DefinitionError } from "@cygnet/plugin-api";
import type {
  AuthorityUris,
  CertificateInfo,
  CertificateUse,
  KeyProvider,
  PgpCertificate,
  PgpKeyInfo,
  PublicKeyFormat,
  PublicKeyInfo,
  RawPublicKeyInfo,
  RevocationListInfo,
} from "@cygnet/plugin-api";
import type { CertificateChange } from "./certificate-change.js";
import type { StoredCertificate } from "./certificate-store.js";
import { describeCertificate, describeKey, describeList, describePgpKey, describeRawKey } from "./describe-certificate.js";
import { PgpKey } from "./pgp-key.js";
import { Certificate, RawPublicKey, RevocationList, derOf, readPrivateKey } from "./x509/index.js";
import type { PublicKey } from "./x509/index.js";

/** The certificates, keys and lists that control has told the shards of, for those that start later and for status output. */
export class LoadedCertificates {
  #certificates: StoredCertificate[] = [];
  #keys: { readonly set: string; readonly publicKey: PublicKey; readonly pkcs8: Uint8Array }[] = [];
  #publicKeys: { readonly set: string; readonly key: RawPublicKey }[] = [];
  #pgpKeys: { readonly set: string; readonly key: PgpKey }[] = [];
  #lists: { readonly set: string; readonly list: RevocationList }[] = [];
  #authorityUris: { readonly set: string; readonly fingerprint: string; readonly uris: AuthorityUris }[] = [];

  /** @param keys of a plugin; asked for when it is needed, since plugins come later */
  constructor(private readonly keys: () => KeyProvider) {}

  /** Reads a certificate. @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY, CYG_CERT_CA */
  readCertificate(data: Uint8Array, isTrusted: boolean): Certificate {
    const what = "certificate";
    const certificate = new Certificate(
      derOf(data, ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"], what),
      this.keys(),
      what,
    );
    if (isTrusted && !certificate.isCa)
      throw new DefinitionError(
        "CYG_CERT_CA",
        what,
        `ca certificate "${certificate.subject}" lacks ca basic constraint, discarded`,
      );
    return certificate;
  }

  /** @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY */
  readPublicKey(data: Uint8Array, format?: PublicKeyFormat): RawPublicKey {
    return new RawPublicKey(data, this.keys(), format);
  }

  /** @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY */
  readPgpKey(content: PgpCertificate): PgpKey {
    return new PgpKey(content, this.keys());
  }

  /** @throws {DefinitionError} CYG_CERT_SYNTAX */
  readList(data: Uint8Array): RevocationList {
    return new RevocationList(derOf(data, ["X509 CRL", "CRL"], "crl"));
  }

  /** @returns PKCS#8 of a key, which is the caller's to wipe. @throws {DefinitionError} CYG_CERT_KEY */
  readKey(data: Uint8Array, passphrase?: Uint8Array): { readonly publicKey: PublicKey; readonly pkcs8: Uint8Array } {
    const { key, publicKey } = readPrivateKey(data, this.keys(), "private key", passphrase);
    return { publicKey, pkcs8: key.toPkcs8() };
  }

  addCertificate(stored: StoredCertificate): CertificateInfo {
    this.#certificates.push(stored);
    return this.#describe(stored);
  }

  /** A certificate that a set has already. */
  known(
    set: string,
    { fingerprint }: Certificate,
    { isTrusted, isOcspSigner = false }: CertificateUse,
  ): CertificateInfo | undefined {
    const found = this.#certificates.find(
      (stored) =>
        stored.set === set &&
        stored.isTrusted === isTrusted &&
        (stored.isOcspSigner ?? false) === isOcspSigner &&
        stored.certificate.fingerprint === fingerprint,
    );
    return found && this.#describe(found);
  }

  addKey(set: string, publicKey: PublicKey, pkcs8: Uint8Array): PublicKeyInfo {
    this.#keys.push({ set, publicKey, pkcs8 });
    return describeKey(publicKey);
  }

  addPublicKey(set: string, key: RawPublicKey): RawPublicKeyInfo {
    if (!this.#publicKeys.some((each) => each.set === set && each.key.fingerprint === key.fingerprint))
      this.#publicKeys.push({ set, key });
    return describeRawKey({ set, key });
  }

  publicKeys(): RawPublicKeyInfo[] {
    return this.#publicKeys.map(describeRawKey);
  }

  addPgpKey(set: string, key: PgpKey): PgpKeyInfo {
    if (!this.#pgpKeys.some((each) => each.set === set && each.key.fingerprint === key.fingerprint))
      this.#pgpKeys.push({ set, key });
    return this.#describePgp({ set, key });
  }

  pgpKeys(): PgpKeyInfo[] {
    return this.#pgpKeys.map((stored) => this.#describePgp(stored));
  }

  addList(set: string, list: RevocationList): RevocationListInfo {
    this.#lists.push({ set, list });
    return describeList(set, list);
  }

  addAuthorityUris(set: string, fingerprint: string, uris: AuthorityUris): void {
    this.#authorityUris.push({ set, fingerprint, uris });
  }

  /** Responders that were loaded. */
  ocspSigners(): readonly Certificate[] {
    return this.#certificates.flatMap(({ certificate, isOcspSigner }) => (isOcspSigner ? [certificate] : []));
  }

  has(set: string): boolean {
    const all = [this.#certificates, this.#keys, this.#publicKeys, this.#pgpKeys, this.#lists, this.#authorityUris];
    return all.some((list) => list.some((each) => each.set === set));
  }

  /** Takes a set out; its keys are zeroed. */
  remove(set: string): void {
    for (const key of this.#keys) if (key.set === set) key.pkcs8.fill(0);
    this.#certificates = this.#certificates.filter((each) => each.set !== set);
    this.#keys = this.#keys.filter((each) => each.set !== set);
    this.#publicKeys = this.#publicKeys.filter((each) => each.set !== set);
    this.#pgpKeys = this.#pgpKeys.filter((each) => each.set !== set);
    this.#lists = this.#lists.filter((each) => each.set !== set);
    this.#authorityUris = this.#authorityUris.filter((each) => each.set !== set);
  }

  clear(): void {
    for (const { pkcs8 } of this.#keys) pkcs8.fill(0);
    this.#certificates = [];
    this.#keys = [];
    this.#publicKeys = [];
    this.#pgpKeys = [];
    this.#lists = [];
    this.#authorityUris = [];
  }

  certificates(): CertificateInfo[] {
    return this.#certificates.map((stored) => this.#describe(stored));
  }

  lists(): RevocationListInfo[] {
    return this.#lists.map(({ set, list }) => describeList(set, list));
  }

  /** What a shard that starts now has to apply. Keys are copies: zero them once they are sent. */
  snapshot(): CertificateChange[] {
    return [
      ...this.#certificates.map(({ set, certificate: { der }, isTrusted, isOcspSigner = false }) => ({
        op: "certificate" as const,
        set,
        der,
        isTrusted,
        isOcspSigner,
      })),
      ...this.#publicKeys.map(({ set, key: { der } }) => ({ op: "public-key" as const, set, der })),
      ...this.#pgpKeys.map(({ set, key: { content } }) => ({ op: "pgp" as const, set, key: content })),
      ...this.#authorityUris.map((each) => ({ op: "authority-uris" as const, ...each })),
      ...this.#keys.map(({ set, pkcs8 }) => ({ op: "private-key" as const, set, secret: new Uint8Array(pkcs8) })),
      ...this.#lists.map(({ set, list: { der } }) => ({ op: "crl" as const, set, der })),
    ];
  }

  #describe(stored: StoredCertificate): CertificateInfo {
    return describeCertificate(stored, this.#hasKeyOf(stored.certificate.publicKey));
  }

  #describePgp(stored: { readonly set: string; readonly key: PgpKey }): PgpKeyInfo {
    return describePgpKey(stored, this.#hasKeyOf(stored.key.publicKey));
  }

  #hasKeyOf({ keyId }: PublicKey): boolean {
    return this.#keys.some(({ publicKey }) => publicKey.keyId === keyId);
  }
}
