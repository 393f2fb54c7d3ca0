import { fetcher } from "./feature.js";
import type { Feature, Undo } from "./plugin.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** What is fetched, and within which bounds. */
export interface FetchRequest {
  readonly uri: string;
  /** Sent to the server, as of this media type; nothing is sent without. */
  readonly body?: { readonly type: string; readonly octets: Uint8Array };
  /** Larger content is refused. */
  readonly maxOctets: number;
}

/** Gets content from URIs of some schemes: revocation lists, OCSP responses, certificates. */
export interface Fetcher {
  /**
   * @param signal aborts when nobody waits any more, or when it took too long
   * @throws with the reason in its message
   */
  fetch(request: FetchRequest, signal: AbortSignal): Promise<Uint8Array>;
}

/** The fetchers of the daemon, on control. */
export interface Fetchers {
  /** @param schemes that URIs begin with: `http://`, `file://` */
  add(plugin: string, schemes: readonly string[], fetcher: Fetcher): Undo;
  /**
   * Asks the fetchers for the scheme of a URI, the first one first, until one of them has the content.
   * @param timeoutMs for each of them
   * @throws {SystemError} CYG_FETCH_SCHEME where there is none, CYG_FETCH_FAILED
   */
  fetch(request: FetchRequest, timeoutMs: number): Promise<Uint8Array>;
}

export const Fetchers: ServiceToken<Fetchers> = serviceToken("Fetchers");

/** A feature that fetches from URIs of one scheme: `provideFetcher("http://", () => new HttpFetcher())`. */
export const provideFetcher = (scheme: string, create: () => Fetcher): Feature => ({
  provides: fetcher(scheme),
  on: "control",
  register: ({ plugin, resolve }) => resolve(Fetchers).add(plugin, [scheme], create()),
});
