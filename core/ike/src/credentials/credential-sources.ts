import { CygnetError, LogGroup } from "@cygnet/plugin-api";
import type { CredentialSource, Logger, OwnCertificate, ShardCredentials, Undo } from "@cygnet/plugin-api";
import type { PluginGuard } from "@cygnet/runtime";
import type { Identification } from "../identity/index.js";
import type { CertificateStore, OwnCredential } from "./certificate-store.js";

/** What the sources of a shard are called with. */
export interface CredentialSourcesOptions {
  readonly store: CertificateStore;
  readonly log: Logger;
  readonly guard: PluginGuard;
}

/** Plugins of a shard that make certificates of ours when they are needed. */
export class CredentialSources implements ShardCredentials {
  readonly #options: CredentialSourcesOptions;
  readonly #sources: CredentialSource[] = [];

  constructor(options: CredentialSourcesOptions) {
    this.#options = options;
  }

  ownCertificates(set: string): readonly OwnCertificate[] {
    return this.#options.store.ownCertificates(set);
  }

  addSource(source: CredentialSource): Undo {
    this.#sources.push(source);
    return () => {
      const at = this.#sources.indexOf(source);
      if (at >= 0) this.#sources.splice(at, 1);
    };
  }

  /** Whether there is nobody to ask. */
  get isEmpty(): boolean {
    return this.#sources.length === 0;
  }

  /** Asks one source after the other for something to prove an identity with. Never rejects; what is unusable was logged. */
  async make(id: Identification): Promise<OwnCredential | undefined> {
    for (const source of [...this.#sources]) {
      const call = { kind: "credential source", name: source.name, what: "certificateFor", otherwise: undefined };
      const der = await this.#options.guard.call<Uint8Array | undefined>(call, () => source.certificateFor(id));
      const made = der && this.#take(source, id, der);
      if (made) return made;
    }
    return undefined;
  }

  #take({ name }: CredentialSource, id: Identification, der: Uint8Array): OwnCredential | undefined {
    const { log, store } = this.#options;
    const refuse = (reason: string): undefined => {
      log.log(LogGroup.CFG, 1, `certificate of credential source '${name}' for '${id}' cannot be used: ${reason}`);
    };
    try {
      const certificate = store.read(der);
      if (!certificate.isFor(id)) return refuse(`it is for '${certificate.subject}'`);
      return store.credentialOf(certificate) ?? refuse("its private key was not loaded");
    } catch (error) {
      if (!(error instanceof CygnetError)) throw error;
      return refuse(error.message);
    }
  }
}
