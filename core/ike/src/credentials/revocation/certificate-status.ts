import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { printTime } from "../print-time.js";
import type { CertificateWatcher, TrustChain } from "../trust-chain.js";
import type { Certificate, OcspAnswer, RevocationList } from "../x509/index.js";
import { isOver, statusUris } from "./status-gathering.js";
import type { StatusAttempts, StatusSources } from "./status-gathering.js";
import type { FetchAttempt } from "./status-question.js";

/** What is known of a certificate. */
export type CertificateStatus = "good" | "revoked" | "stale" | "unavailable";

/** What statuses are found with, once everything that is missing was fetched, or could not be. */
export interface StatusCheck extends StatusSources {
  readonly log: Logger;
  readonly attempts: StatusAttempts;
  readonly onFault?: CertificateWatcher | undefined;
}

/**
 * Looks every certificate of a chain up in what responders said and in revocation lists, RFC 6960 and RFC 5280 section 6.3. The authority at
 * its end answers to nobody.
 * @returns the worst that was found
 */
export function checkRevocation(chain: TrustChain, check: StatusCheck): CertificateStatus {
  let worst: CertificateStatus = "good";
  for (let i = 0; i + 1 < chain.length; i++) {
    const status = statusOf(chain[i]!, chain[i + 1]!, check);
    if (status === "revoked") check.onFault?.("cert-revoked", chain[i]!);
    if (status === "revoked") return status;
    if (status !== "good" && worst !== "unavailable") worst = status;
  }
  return worst;
}

function statusOf(certificate: Certificate, issuer: Certificate, check: StatusCheck): CertificateStatus {
  const { store, log, policy } = check;
  const uris = statusUris(certificate, issuer, store);
  const hasOcsp = policy.useOcsp && uris.ocsp.length > 0;
  const hasCrl = policy.useCrl && (uris.crl.length > 0 || store.revocationList(issuer) !== undefined);
  // Silent where nobody said that there would be anything.
  if (!hasOcsp && !hasCrl) return "unavailable";
  log.log(LogGroup.CFG, 1, `checking certificate status of "${certificate.subject}"`);
  const byOcsp = hasOcsp ? ocspStatus(certificate, issuer, check) : undefined;
  if (byOcsp === "good" || byOcsp === "revoked") return concluded(byOcsp, certificate, check);
  if (byOcsp !== undefined)
    log.log(
      LogGroup.CFG,
      1,
      byOcsp === "stale" ? "ocsp information stale, fallback to crl" : "ocsp check failed, fallback to crl",
    );
  if (hasCrl) return concluded(listStatus(certificate, issuer, check), certificate, check);
  return concluded("unavailable", certificate, check);
}

function concluded(status: CertificateStatus, certificate: Certificate, { log, onFault }: StatusCheck): CertificateStatus {
  if (status === "good") log.log(LogGroup.CFG, 1, "certificate status is good");
  if (status === "stale") log.log(LogGroup.CFG, 1, "certificate status is unknown, crl is stale");
  if (status === "unavailable") log.log(LogGroup.CFG, 1, "certificate status is not available");
  if (status === "stale" || status === "unavailable") onFault?.("cert-validation-failed", certificate);
  return status;
}

function ocspStatus(certificate: Certificate, issuer: Certificate, check: StatusCheck): CertificateStatus {
  const { store, log, nowMs, attempts } = check;
  const tried = attempts.get(certificate.fingerprint)?.ocsp ?? [];
  sayAttempts(tried, log, (uri) => `  requesting ocsp status from '${uri}' ...`);
  const found = store.ocspAnswer(certificate, issuer, nowMs);
  if (!found) return "unavailable";
  const { answer, signer } = found;
  log.log(LogGroup.CFG, 1, `  ocsp response correctly signed by "${signer.subject}"`);
  if (isOver(answer, nowMs)) {
    log.log(LogGroup.CFG, 1, `  ocsp response is stale: since ${printTime(answer.nextUpdate ?? answer.thisUpdate)}`);
    return "stale";
  }
  sayOcspValidity(answer, log);
  if (!isFresh(tried)) log.log(LogGroup.CFG, 1, "  using cached ocsp response");
  if (answer.status === "good") return "good";
  if (answer.status === "unknown") return "unavailable";
  return revoked(answer.status, log);
}

function sayOcspValidity({ nextUpdate }: OcspAnswer, log: Logger): void {
  if (nextUpdate !== undefined) log.log(LogGroup.CFG, 1, `  ocsp response is valid: until ${printTime(nextUpdate)}`);
}

function listStatus(certificate: Certificate, issuer: Certificate, check: StatusCheck): CertificateStatus {
  const { store, log, attempts } = check;
  const tried = attempts.get(certificate.fingerprint);
  sayAttempts(tried?.crl ?? [], log, (uri) => `  fetching crl from '${uri}' ...`);
  const list = store.revocationList(issuer);
  if (!list) return "unavailable";
  log.log(LogGroup.CFG, 1, `  using trusted certificate "${issuer.subject}"`);
  let isStale = readOut(list, issuer, tried?.crl ?? [], check);
  sayAttempts(tried?.delta ?? [], log, (uri) => `  fetching delta crl from '${uri}' ...`);
  const delta = store.deltaList(issuer, list);
  if (delta) isStale = readOut(delta, issuer, tried?.delta ?? [], check);
  else if (isFresh(tried?.delta ?? [])) log.log(LogGroup.CFG, 1, "  delta crl does not belong to the crl");
  const { serial } = certificate;
  const found = delta?.revoked.get(serial) ?? (delta?.removed.has(serial) ? undefined : list.revoked.get(serial));
  if (found) return revoked(found, log);
  return isStale ? "stale" : "good";
}

/** Says what a list is worth. @returns whether it is too old */
function readOut(
  { nextUpdate, isDelta }: RevocationList,
  issuer: Certificate,
  tried: readonly FetchAttempt[],
  { log, nowMs }: StatusCheck,
): boolean {
  const what = isDelta ? "delta crl" : "crl";
  const isStale = nextUpdate !== undefined && nextUpdate < nowMs;
  log.log(LogGroup.CFG, 1, `  ${what} correctly signed by "${issuer.subject}"`);
  if (isStale) log.log(LogGroup.CFG, 1, `  ${what} is stale: since ${printTime(nextUpdate)}`);
  else if (nextUpdate !== undefined) log.log(LogGroup.CFG, 1, `  ${what} is valid: until ${printTime(nextUpdate)}`);
  if (!isFresh(tried)) log.log(LogGroup.CFG, 1, `  using cached ${what}`);
  return isStale;
}

function revoked({ at, reason }: { readonly at: number; readonly reason: string }, log: Logger): "revoked" {
  log.log(LogGroup.CFG, 1, `certificate was revoked on ${printTime(at, { isUtc: true })}, reason: ${reason}`);
  return "revoked";
}

function sayAttempts(attempts: readonly FetchAttempt[], log: Logger, text: (uri: string) => string): void {
  for (const { uri, cause, problem } of attempts) {
    log.log(LogGroup.CFG, 1, text(uri));
    if (cause !== undefined) log.log(LogGroup.LIB, 1, cause);
    if (problem !== undefined) log.log(LogGroup.CFG, 1, problem);
  }
}

const isFresh = (attempts: readonly FetchAttempt[]): boolean => attempts.at(-1)?.problem === undefined && attempts.length > 0;
