import type { AuthConfig } from "../../../config/index.js";

/**
 * What a connection asks of the peer's authentication that it cannot give: further rounds (RFC 4739), membership of groups, and with a
 * pre-shared key what only a certificate proves. Who asks for it must not be served without it.
 * @returns in words, undefined when nothing is
 */
export function unmetDemand(round: AuthConfig, hasCertificate: boolean): string | undefined {
  if (round.groups.length > 0) return "group membership";
  if (hasCertificate) return undefined;
  if (round.caNames.length > 0 || round.authorities.length > 0) return "a certificate of a given CA";
  if (round.certificates.length > 0) return "a given certificate";
  if (round.certPolicies.length > 0) return "a certificate policy";
  return undefined;
}
