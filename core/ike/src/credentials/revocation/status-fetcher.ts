import { CygnetError } from "@cygnet/plugin-api";
import type { FetchRequest, Fetchers, KeyProvider } from "@cygnet/plugin-api";
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

/** Fetches from the place that is tried. */
type FetchOne = (request: Omit<FetchRequest, "uri">) => Promise<Uint8Array>;

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
      const attempt = await this.#try(uri, question);
      attempts.push(attempt);
      if (attempt.problem === undefined) break;
    }
    return attempts;
  }

  async #try(uri: string, question: StatusQuestion): Promise<FetchAttempt> {
    const isOcsp = question.source === "ocsp";
    const { fetchers } = this.parts;
    let problem = isOcsp ? `ocsp request to ${uri} failed` : "crl fetching failed";
    const fetch = async (request: Omit<FetchRequest, "uri">): Promise<Uint8Array> => {
      const octets = await fetchers.fetch({ uri, ...request }, question.timeoutMs);
      problem = isOcsp ? "parsing ocsp response failed" : "crl fetched successfully but parsing failed";
      return octets;
    };
    try {
      const keys = this.parts.keys();
      const issuer = new Certificate(question.issuer, keys);
      if (isOcsp) await this.#ask(fetch, new Certificate(question.certificate, keys), issuer);
      else await this.#fetchList(fetch, issuer, question);
      return { uri, problem: undefined };
    } catch (error) {
      if (error instanceof Useless) return { uri, problem: error.message };
      // Whatever a server sends has no right to end more than this.
      return { uri, cause: error instanceof CygnetError ? error.message : String(error), problem };
    }
  }

  async #fetchList(fetch: FetchOne, issuer: Certificate, { source }: StatusQuestion): Promise<void> {
    const credentials = this.parts.credentials();
    const octets = await fetch({ maxOctets: MAX_LIST_OCTETS });
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

  async #ask(fetch: FetchOne, certificate: Certificate, issuer: Certificate): Promise<void> {
    const { random, wallMs } = this.parts;
    const credentials = this.parts.credentials();
    const keys = this.parts.keys();
    const nonce = random(NONCE_OCTETS);
    const body = { type: "application/ocsp-request", octets: ocspRequest(certificate, issuer, keys, nonce) };
    const response = new OcspResponse(await fetch({ body, maxOctets: MAX_RESPONSE_OCTETS }), keys);
    if (response.nonce !== undefined && response.nonce !== Buffer.from(nonce).toString("hex"))
      throw new Useless("nonce in ocsp response doesn't match");
    if (!response.signer(issuer, credentials.ocspSigners(), wallMs())) {
      const hasSigner = response.isNamedBy(issuer, credentials.ocspSigners(), wallMs());
      const reason = hasSigner ? "invalid signature" : `no signer certificate '${response.responder}' found`;
      throw new Useless(`ocsp response verification failed, ${reason}`);
    }
    const answer = response.answerFor(certificate, issuer, keys);
    if (!answer) throw new Useless("ocsp response contains no status on our certificate");
    if (answer.thisUpdate > wallMs() + CLOCK_TOLERANCE_MS) throw new Useless("ocsp response is from the future");
    await credentials.addResponse(response);
  }
}
