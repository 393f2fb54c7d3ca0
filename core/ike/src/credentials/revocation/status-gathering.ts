import type { RevocationPolicy } from "@cygnet/plugin-api";
import type { CertificateStore } from "../certificate-store.js";
import type { TrustChain } from "../trust-chain.js";
import type { Certificate } from "../x509/index.js";
import type { FetchAttempt, StatusQuestion } from "./status-question.js";

/** What tells the status of a certificate. */
type StatusSource = StatusQuestion["source"];

/** What was tried to find out about the certificates of a chain, by their fingerprints. */
export type StatusAttempts = ReadonlyMap<string, Readonly<Record<StatusSource, readonly FetchAttempt[]>>>;

export const NO_ATTEMPTS: StatusAttempts = new Map();

/** What a shard gathers the status of certificates with. */
export interface StatusSources {
  readonly store: CertificateStore;
  readonly policy: RevocationPolicy;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
}

/** Asks control to fetch something. @returns what was tried; never rejects */
export type AskForStatus = (question: StatusQuestion) => Promise<readonly FetchAttempt[]>;

/**
 * Has fetched what is missing to know the status of a chain's certificates: responders are asked first, lists where they gave no answer.
 * @returns undefined, at once, where nothing has to be fetched
 */
export function gatherStatus(chain: TrustChain, sources: StatusSources, ask: AskForStatus): Promise<StatusAttempts> | undefined {
  const open = chain.slice(0, -1).filter((certificate, i) => isOpen(certificate, chain[i + 1]!, sources));
  if (open.length === 0) return undefined;
  return Promise.all(
    open.map(async (certificate) => {
      const issuer = chain[chain.indexOf(certificate) + 1]!;
      return [certificate.fingerprint, await gatherOne(certificate, issuer, sources, ask)] as const;
    }),
  ).then((attempts) => new Map(attempts));
}

/** Where to ask about a certificate: what was configured for its issuer, then what it says itself. For delta CRLs, it and the complete list. */
export function statusUris(
  certificate: Certificate,
  issuer: Certificate,
  store: CertificateStore,
): Record<StatusSource, string[]> {
  const configured = store.authorityUris(issuer);
  const { ocspUris, crlUris, deltaUris } = certificate.extensions;
  return {
    ocsp: [...new Set([...configured.flatMap((each) => each.ocspUris), ...ocspUris])],
    crl: [...new Set([...configured.flatMap((each) => each.crlUris), ...crlUris])],
    delta: [...new Set([...deltaUris, ...(store.revocationList(issuer)?.deltaUris ?? [])])],
  };
}

function isOpen(certificate: Certificate, issuer: Certificate, sources: StatusSources): boolean {
  const { ocsp, crl, delta } = statusUris(certificate, issuer, sources.store);
  const { useCrl, useOcsp } = sources.policy;
  if (useOcsp && ocsp.length > 0 && isAnswered(certificate, issuer, sources)) return false;
  if (useOcsp && ocsp.length > 0) return true;
  return useCrl && ((crl.length > 0 && !isListed(issuer, sources)) || needsDelta(issuer, delta, sources));
}

async function gatherOne(
  certificate: Certificate,
  issuer: Certificate,
  sources: StatusSources,
  ask: AskForStatus,
): Promise<Record<StatusSource, readonly FetchAttempt[]>> {
  const uris = statusUris(certificate, issuer, sources.store);
  const { useCrl, useOcsp, timeoutMs } = sources.policy;
  const about = { certificate: certificate.der, issuer: issuer.der, timeoutMs };
  const attempts: Record<StatusSource, readonly FetchAttempt[]> = { ocsp: [], crl: [], delta: [] };
  if (useOcsp && uris.ocsp.length > 0) attempts.ocsp = await ask({ ...about, source: "ocsp", uris: uris.ocsp });
  if (useOcsp && isAnswered(certificate, issuer, sources)) return attempts;
  if (useCrl && uris.crl.length > 0 && !isListed(issuer, sources))
    attempts.crl = await ask({ ...about, source: "crl", uris: uris.crl });
  // The complete list that may just have come says where its delta CRLs are.
  const { delta } = statusUris(certificate, issuer, sources.store);
  if (useCrl && needsDelta(issuer, delta, sources)) attempts.delta = await ask({ ...about, source: "delta", uris: delta });
  return attempts;
}

/** Whether there is an answer of a responder that still holds and says something. */
function isAnswered(certificate: Certificate, issuer: Certificate, { store, nowMs }: StatusSources): boolean {
  const found = store.ocspAnswer(certificate, issuer, nowMs);
  return found !== undefined && found.answer.status !== "unknown" && !isOver(found.answer, nowMs);
}

/** Whether there is a list of the issuer that still holds, by itself or with a delta CRL: RFC 5280 section 6.3.3, (a) (1) (i). */
function isListed(issuer: Certificate, { store, nowMs }: StatusSources): boolean {
  const list = store.revocationList(issuer);
  if (!list) return false;
  const delta = store.deltaList(issuer, list);
  return !isOver(list, nowMs) || (delta !== undefined && !isOver(delta, nowMs));
}

/** Whether there is a complete list, which a delta CRL is to be had for, and none that still holds. */
function needsDelta(issuer: Certificate, uris: readonly string[], { store, nowMs }: StatusSources): boolean {
  const list = uris.length > 0 ? store.revocationList(issuer) : undefined;
  if (!list) return false;
  const delta = store.deltaList(issuer, list);
  return delta === undefined || isOver(delta, nowMs);
}

/** An answer that names no end holds for a short time, RFC 6960 section 4.2.2.1: newer information is always there. */
const DEFAULT_LIFETIME_MS = 300_000;

/** Whether a list or an answer is too old. */
export function isOver(
  { nextUpdate, thisUpdate }: { readonly nextUpdate: number | undefined; readonly thisUpdate: number },
  nowMs: number,
): boolean {
  return (nextUpdate ?? thisUpdate + DEFAULT_LIFETIME_MS) < nowMs;
}
