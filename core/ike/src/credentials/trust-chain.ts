import { LogGroup } from "@cygnet/plugin-api";
import type { CertificateAlert, Logger } from "@cygnet/plugin-api";
import type { CertificateStore } from "./certificate-store.js";
import { violatedNameConstraint } from "./name-constraints.js";
import { printTime } from "./print-time.js";
import { KeyUsage } from "./x509/index.js";
import type { Certificate } from "./x509/index.js";

/** Longest chain that is followed, as many as strongSwan does. */
const MAX_DEPTH = 7;

/** Numbers that strongSwan has given away, which its log has a name for. */
const STRONGSWAN_ARC = "1.3.6.1.4.1.36906.";

/** Issuers by one name that are tried of those a peer sent, each of which costs a verification. */
const MAX_UNTRUSTED_ISSUERS = 2;

/** A certificate that we trust with what it follows from: itself, intermediates, the self-signed authority that we trust. */
export type TrustChain = readonly Certificate[];

/** Is told what is amiss with a certificate, beside the log. */
export type CertificateWatcher = (alert: CertificateAlert, certificate: Certificate) => void;

/** What chains are built from. */
export interface ChainSources {
  readonly store: CertificateStore;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** Certificates that the peer sent, not trusted by themselves. */
  readonly untrusted: readonly Certificate[];
  /** Certificates with critical extensions that we do not understand are used all the same, against RFC 5280 section 4.2. */
  readonly ignoresCritical?: boolean;
  /** The certificate was loaded, so that it is trusted even where its chain has no end: what there is of it is looked at all the same. */
  readonly isTrusted?: boolean;
  readonly onFault?: CertificateWatcher | undefined;
}

/**
 * Builds the chain from a certificate to a self-signed authority that we trust, RFC 5280 section 6: signatures, validity, basic constraints, path
 * length, key usage, name constraints. Whether something was revoked is another question. An intermediate is no end, whoever loaded it as an
 * authority: its own issuer may have revoked it.
 * @returns undefined, and says why in the log, where there is none
 */
export function buildTrustChain(end: Certificate, sources: ChainSources): TrustChain | undefined {
  const { store, log, onFault, isTrusted: isEndTrusted = false } = sources;
  log.log(LogGroup.CFG, 1, `  using ${isEndTrusted ? "trusted " : ""}certificate "${end.subject}"`);
  const chain = [end];
  if (!isUsable(end, "subject", sources)) return undefined;
  if (isEndTrusted && end.isSelfIssued) return chain;
  while (chain.length <= MAX_DEPTH) {
    const current = chain.at(-1)!;
    const issuer = findIssuer(current, sources);
    if (!issuer) {
      const isRoot = current.isSelfIssued;
      log.log(
        LogGroup.CFG,
        1,
        isRoot
          ? `  self-signed certificate "${current.subject}" is not trusted`
          : `no issuer certificate found for "${current.subject}"`,
      );
      if (!isRoot) log.log(LogGroup.CFG, 1, `  issuer is "${current.issuer}"`);
      if (isEndTrusted) {
        log.log(LogGroup.CFG, 1, `  reached end of incomplete trust chain for trusted certificate "${end.subject}"`);
        return chain;
      }
      onFault?.(isRoot ? "cert-untrusted-root" : "cert-no-issuer", current);
      return undefined;
    }
    const isTrusted = store.isAuthority(issuer);
    log.log(LogGroup.CFG, 1, `  using ${describe(issuer, isTrusted)} "${issuer.subject}"`);
    chain.push(issuer);
    if (!isUsable(issuer, "issuer", sources) || !mayIssue(issuer, chain, sources)) return undefined;
    if (!isTrusted || !issuer.isSelfIssued) continue;
    log.log(LogGroup.CFG, 1, `  reached self-signed root ca with a path length of ${pathLength(chain)}`);
    return chain;
  }
  log.log(LogGroup.CFG, 1, `maximum path length of ${MAX_DEPTH} exceeded`);
  onFault?.("cert-exceeded-path-len", end);
  return undefined;
}

function describe(issuer: Certificate, isTrusted: boolean): string {
  if (!isTrusted) return "untrusted intermediate certificate";
  return issuer.isSelfIssued ? "trusted ca certificate" : "trusted intermediate ca certificate";
}

/** Authorities that we trust first, then what else was loaded, then what the peer sent. */
function findIssuer(certificate: Certificate, { store, untrusted }: ChainSources): Certificate | undefined {
  const loaded = store.issuersOf(certificate);
  const trusted = loaded.filter((ca) => store.isAuthority(ca));
  const sent = untrusted.filter((ca) => certificate.namesIssuer(ca)).slice(0, MAX_UNTRUSTED_ISSUERS);
  const others = [...loaded.filter((ca) => !trusted.includes(ca)), ...sent];
  // Whoever issued one another is found again and again, up to the longest path.
  return [...trusted, ...others].find((ca) => ca.fingerprint !== certificate.fingerprint && store.isSignedBy(certificate, ca));
}

function isUsable(
  certificate: Certificate,
  role: "subject" | "issuer",
  { log, nowMs, ignoresCritical = false, onFault }: ChainSources,
): boolean {
  const { notBefore, notAfter, extensions } = certificate;
  if (nowMs < notBefore || nowMs > notAfter) {
    log.log(LogGroup.CFG, 1, `${role} certificate invalid (valid from ${printTime(notBefore)} to ${printTime(notAfter)})`);
    onFault?.("cert-expired", certificate);
    return false;
  }
  const { unknownCritical } = extensions;
  if (unknownCritical !== undefined && !ignoresCritical) {
    const name = unknownCritical.startsWith(STRONGSWAN_ARC) ? "strongSwan" : "unknown";
    log.log(LogGroup.ASN, 1, `critical '${name}' extension not supported`);
    log.log(LogGroup.LIB, 1, `found unsupported critical X.509 extension: ${unknownCritical}`);
    return false;
  }
  return true;
}

/** Whether the last of a chain may have issued those before it. */
function mayIssue(issuer: Certificate, chain: readonly Certificate[], { log, onFault }: ChainSources): boolean {
  const { extensions } = issuer;
  if (!issuer.isCa || (extensions.keyUsage !== undefined && (extensions.keyUsage & KeyUsage.KEY_CERT_SIGN) === 0)) {
    log.log(LogGroup.CFG, 1, `certificate "${issuer.subject}" is no authority's`);
    return false;
  }
  const length = pathLength(chain);
  if (extensions.pathLength !== undefined && length > extensions.pathLength) {
    log.log(LogGroup.CFG, 1, `path length of ${length} violates constraint of ${extensions.pathLength}`);
    onFault?.("cert-exceeded-path-len", issuer);
    return false;
  }
  for (const below of chain.slice(0, -1)) {
    // RFC 5280 section 6.1.4: a self-issued intermediate is not held to them, but for the last one.
    if (below.isSelfIssued && below !== chain[0]) continue;
    const violation = violatedNameConstraint(below, issuer);
    if (violation === undefined) continue;
    log.log(LogGroup.CFG, 1, violation);
    onFault?.("cert-policy-violation", below);
    return false;
  }
  return true;
}

/** Intermediates between the end entity and the last of a chain; self-issued ones do not count. */
function pathLength(chain: readonly Certificate[]): number {
  return chain.slice(1, -1).filter((each) => !each.isSelfIssued).length;
}
