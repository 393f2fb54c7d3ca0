import { DefinitionError, LogGroup } from "@cygnet/plugin-api";
import type {
  AuthRound,
  AuthorityUris,
  CertificateInfo,
  CertificateUse,
  CredentialStore,
  DefinitionNotation,
  Logger,
  PeerDefinition,
  RawPublicKeyInfo,
} from "@cygnet/plugin-api";
import { CommandFailed } from "./command-failed.js";
import type { CertificateSources } from "./definition/index.js";

/** Sets of this plugin in the store. */
const CERTIFICATES = "vici.certificates";
const keySet = (id: string): string => `vici.key.${id}`;
const authoritySet = (name: string): string => `vici.authority.${name}`;

/** An authority of swanctl.conf. */
export interface Authority {
  readonly name: string;
  readonly certificate: CertificateInfo;
  readonly uris: AuthorityUris;
}

const AN_AUTHORITY: CertificateUse = { isTrusted: true };
const ANYBODY: CertificateUse = { isTrusted: false };

export interface ViciCertificatesParts {
  readonly credentials: CredentialStore;
  readonly notation: DefinitionNotation;
  readonly log: Logger;
}

/** Certificates, private keys and authorities that were loaded over the vici socket. */
export class ViciCertificates {
  readonly #parts: ViciCertificatesParts;
  /** Ids of private keys. */
  readonly #keys = new Set<string>();
  readonly #authorities = new Map<string, Authority>();

  constructor(parts: ViciCertificatesParts) {
    this.#parts = parts;
  }

  /** @throws {CommandFailed} for one that cannot be read, or an authority's that is none */
  load(data: Uint8Array, use: CertificateUse): Promise<CertificateInfo> {
    return this.#load(CERTIFICATES, data, use);
  }

  /** @throws {CommandFailed} */
  loadPublicKey(data: Uint8Array): Promise<RawPublicKeyInfo> {
    return this.#read("PUBKEY certificate", () => this.#parts.credentials.loadPublicKey(CERTIFICATES, data));
  }

  async loadList(data: Uint8Array): Promise<void> {
    await this.#read("X509_CRL certificate", () => this.#parts.credentials.loadRevocationList(CERTIFICATES, data));
  }

  /** @returns its id: SHA-1 of the public key, in hex @throws {CommandFailed} */
  async loadKey(type: string, data: Uint8Array): Promise<string> {
    const { credentials } = this.#parts;
    // Where it belongs is known when it was read.
    const waiting = keySet("new");
    const { subjectKeyId } = await this.#read(`${type} private key`, () => credentials.loadPrivateKey(waiting, data));
    await credentials.removeSet(waiting);
    await credentials.loadPrivateKey(keySet(subjectKeyId), data);
    this.#keys.add(subjectKeyId);
    return subjectKeyId;
  }

  keys(): readonly string[] {
    return [...this.#keys];
  }

  /** @returns whether there was one */
  async unloadKey(id: string): Promise<boolean> {
    if (!this.#keys.delete(id)) return false;
    await this.#parts.credentials.removeSet(keySet(id));
    return true;
  }

  authorities(): Iterable<Authority> {
    return this.#authorities.values();
  }

  /** Adds an authority, or puts it in the place of the one of its name. @throws {CommandFailed} with the old one still there */
  async loadAuthority(name: string, data: Uint8Array, uris: AuthorityUris): Promise<void> {
    const { credentials, log } = this.#parts;
    const certificate = await this.#load(authoritySet(name), data, AN_AUTHORITY);
    const old = this.#authorities.get(name);
    if (old) {
      await credentials.removeSet(authoritySet(name));
      await this.#load(authoritySet(name), data, AN_AUTHORITY);
    }
    await credentials.setAuthorityUris(authoritySet(name), certificate.fingerprint, uris);
    this.#authorities.set(name, { name, certificate, uris });
    log.log(LogGroup.CFG, 1, `${old ? "replaced" : "added"} vici authority: ${name}`);
  }

  /** @returns whether there was one */
  async unloadAuthority(name: string): Promise<boolean> {
    if (!this.#authorities.delete(name)) return false;
    await this.#parts.credentials.removeSet(authoritySet(name));
    return true;
  }

  /** All but authorities, which are not credentials to charon either. */
  async clear(): Promise<void> {
    await this.#parts.credentials.removeSet(CERTIFICATES);
    for (const id of this.keys()) await this.unloadKey(id);
  }

  /**
   * Loads what the rounds of a connection bring along. Without an identity of its own, a local round has the subject of its first certificate.
   * @throws {CommandFailed} for one that cannot be read
   */
  async complete(peer: PeerDefinition, sources: ReadonlyMap<AuthRound, CertificateSources>): Promise<PeerDefinition> {
    if (sources.size === 0) return peer;
    const loadAll = async (rounds: readonly AuthRound[], isLocal: boolean): Promise<AuthRound[]> => {
      const all: AuthRound[] = [];
      for (const round of rounds) all.push(await this.#withCertificates(round, sources.get(round), isLocal));
      return all;
    };
    return { ...peer, local: await loadAll(peer.local, true), remote: await loadAll(peer.remote, false) };
  }

  async #withCertificates(round: AuthRound, sources: CertificateSources | undefined, isLocal: boolean): Promise<AuthRound> {
    if (!sources) return round;
    const own: CertificateInfo[] = [];
    for (const data of sources.certs) own.push(await this.load(data, ANYBODY));
    const authorities = [...round.authorities];
    for (const data of sources.cacerts) {
      const { fingerprint, subject } = await this.load(data, AN_AUTHORITY);
      authorities.push({ fingerprint, subject });
    }
    let { id } = round;
    if (isLocal && own.length > 0) {
      const [{ subject, subjectDer, altNames }] = own as [CertificateInfo];
      const wanted = id === undefined ? undefined : this.#parts.notation.identity(id);
      if (wanted === undefined || (wanted !== subject && !altNames.includes(wanted))) {
        if (wanted !== undefined)
          this.#parts.log.log(LogGroup.CFG, 1, `  id '${wanted}' not confirmed by certificate, defaulting to '${subject}'`);
        id = `asn1dn:#${subjectDer}`;
      }
    }
    const fingerprints = own.map(({ fingerprint }) => fingerprint);
    for (const data of sources.pubkeys) fingerprints.push((await this.loadPublicKey(data)).fingerprint);
    return { ...round, id, authorities, certificates: fingerprints };
  }

  #load(set: string, data: Uint8Array, use: CertificateUse): Promise<CertificateInfo> {
    return this.#read("X509 certificate", () => this.#parts.credentials.loadCertificate(set, data, use));
  }

  async #read<T>(what: string, load: () => Promise<T>): Promise<T> {
    try {
      return await load();
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      if (error.code === "CYG_CERT_CA") throw new CommandFailed("CA certificate without CA flag, rejected");
      this.#parts.log.log(LogGroup.CFG, 1, `${what} not loaded: ${error.message}`);
      throw new CommandFailed(`parsing ${what} failed`);
    }
  }
}
