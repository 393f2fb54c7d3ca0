import type {
  AuthorityUris,
  CertificateInfo,
  CertificateUse,
  CredentialStore,
  KeyProvider,
  MaybePromise,
  OcspResponseInfo,
  PgpCertificate,
  PgpKeyInfo,
  PublicKeyFormat,
  PublicKeyInfo,
  RawPublicKeyInfo,
  RevocationListInfo,
  SharedSecret,
  Undo,
} from "@cygnet/plugin-api";
import { Identification } from "../identity/index.js";
import { FETCHED_LISTS, FETCHED_RESPONSES } from "./certificate-change.js";
import type { CertificateChange } from "./certificate-change.js";
import { describeList, describeResponse } from "./describe-certificate.js";
import { LoadedCertificates } from "./loaded-certificates.js";
import { FetchedStore } from "./revocation/fetched-store.js";
import type { FetchedCredentials } from "./revocation/index.js";
import type { SecretChange } from "./secret-store.js";
import type { Certificate, OcspResponse, RevocationList } from "./x509/index.js";

/** What control tells the shards about credentials. */
export type CredentialChange = SecretChange | CertificateChange;

/**
 * The secrets, certificates and keys of the daemon, on control. Keeps its own copies for shards that start later, and zeroes them when they go.
 *
 * Changes are made one after the other, in the order of the calls. No secret ever gets into a message or an error.
 */
export class CredentialStoreImpl implements CredentialStore, FetchedCredentials {
  readonly #sets = new Map<string, readonly SharedSecret[]>();
  readonly #loaded: LoadedCertificates;
  readonly #fetched = new FetchedStore();
  readonly #listListeners = new Set<(list: RevocationListInfo) => void>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param broadcast resolves when every shard has applied the change. The secrets in it are copies made for this call, which are zeroed
   *   when it settles.
   * @param keys what certificates and keys are read with
   */
  constructor(
    private readonly broadcast: (change: CredentialChange) => Promise<void>,
    keys: () => KeyProvider,
  ) {
    this.#loaded = new LoadedCertificates(keys);
  }

  async replaceSecrets(set: string, secrets: readonly SharedSecret[]): Promise<void> {
    for (const { owners } of secrets) for (const owner of owners) Identification.parse(owner);
    const own = copySecrets(secrets);
    await this.#inOrder(async () => {
      try {
        await this.#tell({ op: "replace", set, secrets: copySecrets(own) });
      } catch (error) {
        wipe(own);
        throw error;
      }
      wipe(this.#sets.get(set) ?? []);
      this.#sets.set(set, own);
    });
  }

  async removeSet(set: string): Promise<void> {
    await this.#inOrder(async () => {
      const held = this.#sets.get(set);
      if (!held && !this.#loaded.has(set)) return;
      await this.#tell({ op: "remove", set });
      this.#sets.delete(set);
      this.#loaded.remove(set);
      wipe(held ?? []);
    });
  }

  listSecrets(): readonly { readonly set: string; readonly type: SharedSecret["type"]; readonly owners: readonly string[] }[] {
    return [...this.#sets].flatMap(([set, secrets]) => secrets.map(({ type, owners }) => ({ set, type, owners })));
  }

  async loadCertificate(set: string, data: Uint8Array, use: CertificateUse): Promise<CertificateInfo> {
    const certificate = this.#loaded.readCertificate(data, use.isTrusted);
    return this.#inOrder(async () => {
      const known = this.#loaded.known(set, certificate, use);
      if (known) return known;
      await this.#tell({ op: "certificate", set, der: certificate.der, ...use });
      return this.#loaded.addCertificate({ set, certificate, ...use });
    });
  }

  async loadPublicKey(set: string, data: Uint8Array, format?: PublicKeyFormat): Promise<RawPublicKeyInfo> {
    const key = this.#loaded.readPublicKey(data, format);
    return this.#inOrder(async () => {
      await this.#tell({ op: "public-key", set, der: key.der });
      return this.#loaded.addPublicKey(set, key);
    });
  }

  listPublicKeys(): readonly RawPublicKeyInfo[] {
    return this.#loaded.publicKeys();
  }

  async loadPgpKey(set: string, content: PgpCertificate): Promise<PgpKeyInfo> {
    const key = this.#loaded.readPgpKey(content);
    return this.#inOrder(async () => {
      await this.#tell({ op: "pgp", set, key: content });
      return this.#loaded.addPgpKey(set, key);
    });
  }

  listPgpKeys(): readonly PgpKeyInfo[] {
    return this.#loaded.pgpKeys();
  }

  setAuthorityUris(set: string, fingerprint: string, uris: AuthorityUris): Promise<void> {
    return this.#inOrder(async () => {
      await this.#tell({ op: "authority-uris", set, fingerprint, uris });
      this.#loaded.addAuthorityUris(set, fingerprint, uris);
    });
  }

  async loadPrivateKey(set: string, data: Uint8Array, passphrase?: Uint8Array): Promise<PublicKeyInfo> {
    const { publicKey, pkcs8 } = this.#loaded.readKey(data, passphrase);
    return this.#inOrder(async () => {
      try {
        await this.#tell({ op: "private-key", set, secret: new Uint8Array(pkcs8) });
      } catch (error) {
        pkcs8.fill(0);
        throw error;
      }
      return this.#loaded.addKey(set, publicKey, pkcs8);
    });
  }

  async loadRevocationList(set: string, data: Uint8Array): Promise<RevocationListInfo> {
    const list = this.#loaded.readList(data);
    return this.#inOrder(async () => {
      await this.#tell({ op: "crl", set, der: list.der });
      return this.#loaded.addList(set, list);
    });
  }

  listCertificates(): readonly CertificateInfo[] {
    return this.#loaded.certificates();
  }

  listRevocationLists(): readonly RevocationListInfo[] {
    return [...this.#loaded.lists(), ...this.#fetched.lists().map((list) => describeList(FETCHED_LISTS, list))];
  }

  listOcspResponses(): readonly OcspResponseInfo[] {
    return this.#fetched.responses().map(describeResponse);
  }

  flushFetched(kind: "crl" | "ocsp"): Promise<number> {
    return this.#inOrder(async () => {
      await this.#tell({ op: "remove", set: kind === "crl" ? FETCHED_LISTS : FETCHED_RESPONSES });
      return this.#fetched.clear(kind);
    });
  }

  onFetchedList(listener: (list: RevocationListInfo) => void): Undo {
    this.#listListeners.add(listener);
    return () => void this.#listListeners.delete(listener);
  }

  fetchedList(issuer: Certificate, isDelta: boolean): RevocationList | undefined {
    return this.#fetched.list(issuer, isDelta);
  }

  ocspSigners(): readonly Certificate[] {
    return this.#loaded.ocspSigners();
  }

  async addFetchedList(list: RevocationList): Promise<void> {
    await this.#inOrder(async () => {
      await this.#tell({ op: "crl", set: FETCHED_LISTS, der: list.der });
      this.#fetched.addList(list);
    });
    for (const listener of this.#listListeners) listener(describeList(FETCHED_LISTS, list));
  }

  addResponse(response: OcspResponse): Promise<void> {
    return this.#inOrder(async () => {
      await this.#tell({ op: "ocsp", der: response.der });
      this.#fetched.addResponse(response);
    });
  }

  /** Has a shard that starts now apply what there is, before any later change. The copies made for it are zeroed. */
  initialize(apply: (change: CredentialChange) => MaybePromise<void>): Promise<void> {
    return this.#inOrder(async () => {
      for (const change of this.snapshot()) {
        try {
          await apply(change);
        } finally {
          wipeChange(change);
        }
      }
    });
  }

  /** What a shard that starts now has to apply. Holds copies of the secrets: zero them once they are sent. */
  snapshot(): readonly CredentialChange[] {
    const secrets = [...this.#sets].map(([set, held]) => ({ op: "replace" as const, set, secrets: copySecrets(held) }));
    return [...secrets, ...this.#loaded.snapshot(), ...this.#fetched.snapshot()];
  }

  /** Zeroes all secrets kept here, at shutdown; the shards' copies are theirs. */
  clear(): void {
    for (const secrets of this.#sets.values()) wipe(secrets);
    this.#sets.clear();
    this.#loaded.clear();
    this.#fetched.clear("crl");
    this.#fetched.clear("ocsp");
  }

  async #tell(change: CredentialChange): Promise<void> {
    try {
      await this.broadcast(change);
    } finally {
      wipeChange(change);
    }
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function copySecrets(secrets: readonly SharedSecret[]): readonly SharedSecret[] {
  return secrets.map(({ type, owners, secret }) => ({ type, owners: [...owners], secret: new Uint8Array(secret) }));
}

function wipe(secrets: readonly SharedSecret[]): void {
  for (const { secret } of secrets) secret.fill(0);
}

/** Zeroes what is secret in a change once it is applied. */
function wipeChange(change: CredentialChange): void {
  if (change.op === "replace") wipe(change.secrets);
  else if (change.op === "private-key") change.secret.fill(0);
}
