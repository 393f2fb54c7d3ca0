import { LogGroup } from "@cygnet/plugin-api";
import type { AuthConfig } from "../../../config/index.js";
import type { CertificateStore, TrustChain } from "../../../credentials/index.js";
import type { IkeContext } from "../../../ike-context.js";
import type { IkeSa } from "../../ike-sa.js";
import { certificateWatcher } from "./public-key-verification.js";
import type { VerifiedPeer } from "./public-key-verification.js";

/** Any policy, RFC 5280 section 4.2.1.4, which authorities may have in place of a certain one. */
const ANY_POLICY = "2.5.29.32.0";

/**
 * Whether what a peer has proved is what a connection asks for: keys and signatures of sufficient size, the given certificate or authority,
 * policies, and a status that is good enough. Says what is missing.
 */
export function meetsConstraints(context: IkeContext, ikeSa: IkeSa, verified: VerifiedPeer, wanted: AuthConfig): boolean {
  const { log, certificates: store, options } = context;
  const refuse = (text: string): false => {
    log.log(LogGroup.CFG, 1, text);
    return false;
  };
  const { chain, isNameless, publicKey, fingerprint, scheme, status } = verified;
  if (!wanted.signatures.allowsIke(scheme, options.signature_authentication_constraints))
    return refuse(`IKE signature scheme ${scheme.name} not acceptable`);
  const keyProblem = wanted.signatures.keyProblem(publicKey);
  if (keyProblem !== undefined) return refuse(keyProblem);
  for (const [i, certificate] of chain.entries()) {
    const problem = wanted.signatures.keyProblem(certificate.publicKey);
    if (problem !== undefined) return refuse(problem);
    // The signature of the authority at the end is its own, which proves nothing.
    if (i === chain.length - 1 && chain.length > 1) continue;
    if (certificate.scheme && !wanted.signatures.allowsChain(certificate.scheme))
      return refuse(`X.509 signature scheme ${certificate.scheme.name} not acceptable`);
  }
  // A key without a certificate is trusted where a connection names it, and nowhere else.
  if ((wanted.certificates.length > 0 || isNameless) && !wanted.certificates.includes(fingerprint)) {
    const [first] = wanted.certificates;
    const subject =
      first === undefined
        ? "of an authority"
        : ((store.byFingerprint(first) ?? store.pgpKeyByFingerprint(first))?.subject ?? first);
    return refuse(`constraint check failed: peer not authenticated with peer cert '${subject}'`);
  }
  const issuers = chain.slice(1);
  if (wanted.caNames.length > 0 && !wanted.caNames.some((name) => issuers.some(({ subject }) => subject.equals(name))))
    return refuse(`constraint check failed: peer not authenticated by CA '${wanted.caNames[0]}'`);
  const { authorities } = wanted;
  if (authorities.length > 0 && !authorities.some((ca) => issuers.some(({ fingerprint: one }) => one === ca.fingerprint)))
    return refuse(`constraint check failed: peer not authenticated by CA '${authorities[0]!.subject}'`);
  for (const policy of wanted.certPolicies) {
    const hasPolicy =
      chain.length > 0 &&
      chain.every(
        ({ extensions: { policies } }, i) =>
          (i > 0 && i === chain.length - 1) || policies.includes(policy) || (i > 0 && policies.includes(ANY_POLICY)),
      );
    if (hasPolicy) continue;
    if (chain.length > 0) certificateWatcher(context, ikeSa)?.("cert-policy-violation", chain[0]!);
    return refuse(`constraint requires cert policy ${policy}`);
  }
  if (status === "good" || wanted.revocation === "relaxed") return true;
  const least = wanted.revocation === "strict" ? "GOOD" : "SKIPPED";
  if (least === "SKIPPED" && !isListed(chain, store)) return true;
  return refuse(`constraint check failed: RULE_CRL_VALIDATION is FAILED, but requires at least ${least}`);
}

/** Whether the status of one of them could be asked for somewhere: by what it says, or by what was configured for its issuer. */
function isListed(chain: TrustChain, store: CertificateStore): boolean {
  return chain.some((certificate, i) => {
    const { ocspUris, crlUris } = certificate.extensions;
    if (ocspUris.length > 0 || crlUris.length > 0) return true;
    const issuer = chain[i + 1];
    return issuer !== undefined && store.authorityUris(issuer).some((uris) => uris.ocspUris.length + uris.crlUris.length > 0);
  });
}
