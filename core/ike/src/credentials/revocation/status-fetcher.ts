import { CygnetError } from "@cygnet/plugin-api";
import type { Fetchers, KeyProvider } from "@cygnet/plugin-api";
import { Certificate, OcspResponse, RevocationList, derOf, ocspRequest } from "../x509/index.js";
import type { FetchAttempt, StatusQuestion } from "./status-question.js";

/** Larger lists are not fetched. */
const MAX_LIST_OCTETS = 32 * 1024 * 1024;
const MAX_RESPONSE_OCTETS = 64 * 1024;
/** A certificate of a hash-and-URL payload. */
const MAX_CERTIFICATE_OCTETS = 64 * 1024;
/** Octets of the nonce of a request, RFC 8954. */
const NONCE_OCTETS = 32;
/** How far a responder's clock may be ahead. */
const CLOCK_TOLERANCE_MS = 300_000;

/** Keeps what was fetched, and tells the shards. */
export interface FetchedCredentials {
  /** The newest list of an authority that was fetched, or its newest delta CRL. */
  fetchedList(issuer: Certificate, isDelta: boolean): RevocationList | undefined;
  /** Responders that were loaded. */
  ocspSigners(): readonly Certificate[];
  /** Resolve when all shards have it. */
  addFetchedList(list: RevocationList): Promise<void>;
  addResponse(response: OcspResponse): Promise<void>;
}

/** What the status of certificates is fetched with. */
export interface StatusFetcherParts {
  readonly fetchers: Pick<Fetchers, "fetch">;
  /** Asked for when something was fetched. */
  readonly credentials: () => FetchedCredentials;
  readonly keys: () => KeyProvider;
  /** Milliseconds since 1970. */
  readonly wallMs: () => number;
  /** So many random octets. */
  readonly random: (octets: number) => Uint8Array;
}

/** Why what was fetched is no use. */
class Useless extends Error {}

/**
 * Fetches revocation lists and OCSP responses for all shards, on control. What comes is verified before any shard gets it; what several ask
 * for at once is fetched once.
 */
export class StatusFetcher {
  readonly #underWay = new Map<string, Promise<readonly FetchAttempt[]>>();

  constructor(private readonly parts: StatusFetcherParts) {}

  /** @returns what was tried, in order; never rejects */
  fetch(question: StatusQuestion): Promise<readonly FetchAttempt[]> {
    const { source, uris, certificate, issuer } = question;
    const about = source === "ocsp" ? certificate : issuer;
    const key = `${source} ${this.parts.keys().fingerprint("sha256", about)} ${uris.join(" ")}`;
    const found = this.#underWay.get(key);
    if (found) return found;
    const pending = this.#tryAll(question).finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, pending);
    return pending;
  }

  /**
   * Fetches a certificate of a hash-and-URL payload, RFC 7296 section 3.6.
   * @returns its DER, undefined where it cannot be fetched; never rejects
   */
  async fetchCertificate(uri: string, timeoutMs: number): Promise<Uint8Array | undefined> {
    try {
      return await this.parts.fetchers.fetch({ uri, maxOctets: MAX_CERTIFICATE_OCTETS }, timeoutMs);
    } catch {
      return undefined;
    }
  }

  async #tryAll(question: StatusQuestion): Promise<readonly FetchAttempt[]> {
    const attempts: FetchAttempt[] = [];
    for (const uri of question.uris) {
      const problem = await this.#try(uri, question);
      attempts.push({ uri, problem });
      if (problem === undefined) break;
    }
    return attempts;
  }

  /** @returns what went wrong */
  async #try(uri: string, question: StatusQuestion): Promise<string | undefined> {
    try {
      const keys = this.parts.keys();
      const issuer = new Certificate(question.issuer, keys);
      if (question.source === "ocsp")
        await this.#ask(uri, new Certificate(question.certificate, keys), issuer, question.timeoutMs);
      else await this.#fetchList(uri, issuer, question);
      return undefined;
    } catch (error) {
      // Whatever a server sends has no right to end more than this.
      if (error instanceof CygnetError || error instanceof Useless) return error.message;
      return `fetching from '${uri}' failed: ${String(error)}`;
    }
  }

  async #fetchList(uri: string, issuer: Certificate, { source, timeoutMs }: StatusQuestion): Promise<void> {
    const { fetchers } = this.parts;
    const credentials = this.parts.credentials();
    const octets = await fetchers.fetch({ uri, maxOctets: MAX_LIST_OCTETS }, timeoutMs);
    const list = new RevocationList(derOf(octets, ["X509 CRL", "CRL"], "crl"));
    if (list.unknownCritical !== undefined)
      throw new Useless(`critical extension ${list.unknownCritical} of the crl is not supported`);
    if (list.isDelta !== (source === "delta"))
      throw new Useless(list.isDelta ? "it is a delta crl where a complete one belongs" : "it is no delta crl");
    if (!list.isSignedBy(issuer)) throw new Useless("crl response verification failed");
    const known = credentials.fetchedList(issuer, list.isDelta);
    if (known && known.thisUpdate >= list.thisUpdate) return;
    await credentials.addFetchedList(list);
  }

  async #ask(uri: string, certificate: Certificate, issuer: Certificate, timeoutMs: number): Promise<void> {
    const { fetchers, random, wallMs } = this.parts;
    const credentials = this.parts.credentials();
    const keys = this.parts.keys();
    const nonce = random(NONCE_OCTETS);
    const body = { type: "application/ocsp-request", octets: ocspRequest(certificate, issuer, keys, nonce) };
    const response = new OcspResponse(await fetchers.fetch({ uri, body, maxOctets: MAX_RESPONSE_OCTETS }, timeoutMs), keys);
    if (response.nonce !== undefined && response.nonce !== Buffer.from(nonce).toString("hex"))
      throw new Useless("nonce in ocsp response doesn't match");
    if (!response.signer(issuer, credentials.ocspSigners(), wallMs())) throw new Useless("ocsp response verification failed");
    const answer = response.answerFor(certificate, issuer, keys);
    if (!answer) throw new Useless("ocsp response contains no status on our certificate");
    if (answer.thisUpdate > wallMs() + CLOCK_TOLERANCE_MS) throw new Useless("ocsp response is from the future");
    await credentials.addResponse(response);
  }
}
