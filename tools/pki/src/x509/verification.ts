import { CertificateStore, NO_ATTEMPTS, buildTrustChain, checkRevocation } from "@cygnet/ike";
import type { Certificate, ChainSources, TrustChain } from "@cygnet/ike";
import type { LogGroup, Logger } from "@cygnet/plugin-api";
import { keyProvider } from "@cygnet/plugin-openssl";
import { attempt } from "../pki-error.js";

/** What is to be verified, and with what; all in DER. */
export interface Evidence {
  readonly certificate: Uint8Array;
  /** Without any, the certificate itself is trusted. */
  readonly authorities: readonly Uint8Array[];
  readonly lists: readonly Uint8Array[];
  /** Certificates that may stand in between, and are trusted for nothing. */
  readonly untrusted?: readonly Uint8Array[];
}

/**
 * What CRLs say of a chain, from the best to the worst: nothing is revoked; of some certificate nobody says where its CRL would be; a CRL is too
 * old; one that should be somewhere was not given.
 */
const REVOCATION_STATES = ["good", "skipped", "stale", "failed"] as const;
export type RevocationState = (typeof REVOCATION_STATES)[number];

/** What came of it. */
export interface Verdict {
  readonly isTrusted: boolean;
  /** Whether it is valid now. */
  readonly isValid: boolean;
  readonly revocation: RevocationState;
}

const SET = "pki";
const UNTRUSTED: Verdict = { isTrusted: false, isValid: false, revocation: "failed" };

/**
 * Verifies a certificate as the daemon does that of a peer, RFC 5280 section 6, with a chain that must end in a self-signed one.
 * @param nowMs milliseconds since 1970
 * @param tell takes the lines of what was looked at and why it was not enough
 * @throws {PkiError} for what is no certificate or CRL
 */
export function verifyCertificate(evidence: Evidence, nowMs: number, tell: (line: string) => void): Verdict {
  const store = new CertificateStore(() => keyProvider);
  const log = lineLogger(tell);
  const certificate = attempt("the certificate cannot be verified", () => store.read(evidence.certificate));
  const authorities = evidence.authorities.map((der) =>
    attempt("an authority's certificate cannot be read", () => store.read(der)),
  );
  for (const ca of authorities) {
    // Those in between are no end of a chain, even though they were given.
    const isTrusted = ca.isSelfIssued && ca.isSignedBy(ca.publicKey);
    store.apply({ op: "certificate", set: SET, der: ca.der, isTrusted });
  }
  for (const der of evidence.lists) attempt("a CRL cannot be read", () => store.apply({ op: "crl", set: SET, der }));
  if (authorities.length === 0 || authorities.some(({ fingerprint }) => fingerprint === certificate.fingerprint)) {
    tellOfTrusted(certificate, store, tell);
    const isValid = nowMs >= certificate.notBefore && nowMs <= certificate.notAfter;
    return { isTrusted: true, isValid, revocation: "failed" };
  }
  const untrusted = (evidence.untrusted ?? []).map((der) => attempt("a certificate cannot be read", () => store.read(der)));
  const sources = { store, log, nowMs, untrusted };
  const chain = buildTrustChain(certificate, sources);
  if (chain === undefined) return UNTRUSTED;
  const revocation = evidence.lists.length === 0 ? "failed" : revocationOf(chain, sources);
  return revocation === "revoked" ? UNTRUSTED : { isTrusted: true, isValid: true, revocation };
}

/** The worst that is said of a certificate by who issued it. */
function revocationOf(chain: TrustChain, sources: ChainSources): RevocationState | "revoked" {
  // Nothing is fetched: what counts are the lists that were given.
  const check = { ...sources, policy: { useCrl: true, useOcsp: false, timeoutMs: 0 }, attempts: NO_ATTEMPTS };
  let worst: RevocationState = "good";
  for (let i = 0; i + 1 < chain.length; i++) {
    const status = checkRevocation(chain.slice(i, i + 2), check);
    if (status === "revoked") return status;
    const state = status === "unavailable" ? (isCheckable(chain[i]!) ? "failed" : "skipped") : status;
    if (REVOCATION_STATES.indexOf(state) > REVOCATION_STATES.indexOf(worst)) worst = state;
  }
  return worst;
}

function isCheckable({ extensions }: Certificate): boolean {
  return extensions.crlUris.length > 0 || extensions.ocspUris.length > 0;
}

function tellOfTrusted(certificate: Certificate, store: CertificateStore, tell: (line: string) => void): void {
  tell(`  using trusted certificate "${certificate.subject}"`);
  if (certificate.isSelfIssued || store.issuersOf(certificate).length > 0) return;
  tell(`no issuer certificate found for "${certificate.subject}"`);
  tell(`  issuer is "${certificate.issuer}"`);
  tell(`  reached end of incomplete trust chain for trusted certificate "${certificate.subject}"`);
}

/** Lines of the daemon's log, of the level that is shown by default. */
function lineLogger(tell: (line: string) => void): Logger {
  const isShown = (_group: LogGroup, level: number): boolean => level <= 1;
  return {
    enabled: isShown,
    log: (group, level, message) => {
      if (isShown(group, level)) tell(message);
    },
  };
}
