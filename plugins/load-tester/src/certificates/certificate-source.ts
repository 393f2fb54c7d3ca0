import type { CredentialSource, Identity, ShardCredentials } from "@cygnet/plugin-api";
import { BACKEND } from "../backend.js";
import { Issuer, VALIDITY_MS } from "./issuer.js";
import type { IssuerOptions } from "./issuer.js";

/** What a `CertificateSource` works with. */
export interface CertificateSourceOptions extends Omit<IssuerOptions, "authority"> {
  readonly credentials: ShardCredentials;
}

interface Issued {
  readonly certificate: Promise<Uint8Array>;
  readonly atMs: number;
}

/** Identities whose last certificate is kept: the responder's, and those of initiators that all have the same. */
const MAX_KEPT = 16;
/** After half of its validity a certificate is made anew. */
const RENEW_MS = VALIDITY_MS / 2;

/** Makes the certificates of a shard when they are needed, with the authority that control has loaded. */
export class CertificateSource implements CredentialSource {
  readonly name = "load-tester";
  readonly #options: CertificateSourceOptions;
  readonly #issued = new Map<string, Issued>();
  #issuer: Issuer | undefined;

  constructor(options: CertificateSourceOptions) {
    this.#options = options;
  }

  certificateFor(id: Identity): Promise<Uint8Array> | undefined {
    const now = this.#options.nowMs();
    const key = `${id.type}:${id}`;
    const kept = this.#issued.get(key);
    if (kept && now - kept.atMs < RENEW_MS) return kept.certificate;
    const certificate = this.#findIssuer()?.issue(id);
    if (!certificate) return undefined;
    this.#issued.delete(key);
    if (this.#issued.size >= MAX_KEPT) this.#issued.delete(this.#issued.keys().next().value!);
    this.#issued.set(key, { certificate, atMs: now });
    // The next one tries again; who waits for this one is told.
    certificate.catch(() => this.#issued.delete(key));
    return certificate;
  }

  /** Control has loaded it by the time that the first IKE_SA is set up. */
  #findIssuer(): Issuer | undefined {
    if (this.#issuer) return this.#issuer;
    const { credentials, ...options } = this.#options;
    // The others of the set, those of ca_dir, come behind it.
    const [authority] = credentials.ownCertificates(BACKEND);
    return authority && (this.#issuer = new Issuer({ ...options, authority }));
  }
}
