import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import type { CertificateStore } from "./certificate-store.js";
import { printTime } from "./print-time.js";
import type { TrustChain } from "./trust-chain.js";
import type { Certificate } from "./x509/index.js";

/** What is known of a certificate. */
export type CertificateStatus = "good" | "revoked" | "stale" | "unavailable";

/**
 * Looks every certificate of a chain up in the revocation lists that were loaded, RFC 5280 section 6.3. The authority at its end answers to
 * nobody.
 * @returns the worst that was found
 */
export function checkRevocation(
  chain: TrustChain,
  sources: { readonly store: CertificateStore; readonly log: Logger; readonly nowMs: number },
): CertificateStatus {
  let worst: CertificateStatus = "good";
  for (let i = 0; i + 1 < chain.length; i++) {
    const status = statusOf(chain[i]!, chain[i + 1]!, sources);
    if (status === "revoked") return status;
    if (status !== "good" && worst !== "unavailable") worst = status;
  }
  return worst;
}

function statusOf(
  certificate: Certificate,
  issuer: Certificate,
  { store, log, nowMs }: { readonly store: CertificateStore; readonly log: Logger; readonly nowMs: number },
): CertificateStatus {
  const list = store.revocationList(issuer);
  if (!list) {
    // Silent where nobody said that there would be a list.
    if (certificate.extensions.crlUris.length > 0) {
      log.log(LogGroup.CFG, 1, `checking certificate status of "${certificate.subject}"`);
      log.log(LogGroup.CFG, 1, "certificate status is not available");
    }
    return "unavailable";
  }
  log.log(LogGroup.CFG, 1, `checking certificate status of "${certificate.subject}"`);
  log.log(LogGroup.CFG, 1, `  using trusted certificate "${issuer.subject}"`);
  log.log(LogGroup.CFG, 1, `  crl correctly signed by "${issuer.subject}"`);
  const revocation = list.revoked.get(certificate.serial);
  if (revocation) {
    log.log(LogGroup.CFG, 1, `certificate was revoked on ${printTime(revocation.at)}, reason: ${revocation.reason}`);
    return "revoked";
  }
  if (list.nextUpdate !== undefined && list.nextUpdate < nowMs) {
    log.log(LogGroup.CFG, 1, `  crl is stale: since ${printTime(list.nextUpdate)}`);
    log.log(LogGroup.CFG, 1, "certificate status is unknown, crl is stale");
    return "stale";
  }
  if (list.nextUpdate !== undefined) log.log(LogGroup.CFG, 1, `  crl is valid: until ${printTime(list.nextUpdate)}`);
  log.log(LogGroup.CFG, 1, "  using cached crl");
  log.log(LogGroup.CFG, 1, "certificate status is good");
  return "good";
}
