import type { AuthConfig } from "../../../config/index.js";

/**
 * What a connection asks of the peer's authentication that it cannot give: further rounds (RFC 4739), membership of groups, and with a
 * pre-shared key what only a certificate proves. Who asks for it must not be served without it.
 * @returns in words, undefined when nothing is
 */
export function unmetDemand(rounds: readonly AuthConfig[], hasCertificate: boolean): string | undefined {
  if (rounds.length > 1) return `${rounds.length} authentication rounds`;
  const [first] = rounds;
  if (!first) return "an authentication round";
  if (first.groups.length > 0) return "group membership";
  if (hasCertificate) return undefined;
  if (first.caNames.length > 0) return "a certificate of a given CA";
  if (first.certificates.length > 0) return "a given certificate";
  if (first.certPolicies.length > 0) return "a certificate policy";
  return undefined;
}

/** Why we cannot authenticate ourselves as a connection asks. @returns in words, undefined when we can */
export const unmetOffer = (rounds: readonly AuthConfig[]): string | undefined =>
  rounds.length > 1 ? `${rounds.length} authentication rounds` : undefined;
