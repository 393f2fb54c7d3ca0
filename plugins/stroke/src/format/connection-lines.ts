import { eapTypeName } from "@cygnet/wire";
import type { AuthRound, CertificateInfo, ChildDefinition, DefinitionNotation, PeerDefinition } from "@cygnet/plugin-api";
import { alignName } from "./labels.js";

const VERSIONS = { 0: "IKEv1/2", 1: "IKEv1", 2: "IKEv2" } as const;

/**
 * The block of a connection under `Connections:`.
 * @param certificates those that are loaded, which rounds refer to
 */
export function connectionLines(
  peer: PeerDefinition,
  notation: DefinitionNotation,
  certificates: readonly CertificateInfo[] = [],
): string[] {
  const label = alignName(peer.name);
  const hasDpd = peer.dpdDelay > 0;
  const lines = [
    `${label}:  ${peer.localAddresses.join(",")}...${peer.remoteAddresses.join(",")}  ${VERSIONS[peer.version]}` +
      (peer.version === 1 && peer.aggressive ? " Aggressive" : "") +
      (hasDpd ? `, dpddelay=${peer.dpdDelay}s` : ""),
  ];
  for (const round of peer.local) pushRound(lines, label, "local: ", round, notation, certificates);
  for (const round of peer.remote) {
    pushRound(lines, label, "remote:", round, notation, certificates);
    if (round.revocation !== "relaxed")
      lines.push(`${label}:    crl:   status must be GOOD${round.revocation === "ifuri" ? " or SKIPPED" : ""}`);
    pushGroups(lines, label, round, notation);
  }
  // Under its own name: a conn that shares its peer with another one is a child of that.
  for (const child of peer.children) lines.push(childLine(alignName(child.name), child, hasDpd, notation));
  return lines;
}

function pushRound(
  lines: string[],
  label: string,
  side: string,
  round: AuthRound,
  notation: DefinitionNotation,
  certificates: readonly CertificateInfo[],
): void {
  const id = round.id === undefined ? "" : ` [${notation.identity(round.id)}]`;
  lines.push(`${label}:   ${side}${id} uses ${method(round, notation)}`);
  for (const ca of round.caNames) lines.push(`${label}:    ca:    "${notation.identity(ca)}"`);
  for (const name of round.certificates) {
    const loaded = certificates.find(({ fingerprint }) => fingerprint === name);
    if (loaded) lines.push(`${label}:    cert:  "${loaded.subject}"`);
  }
}

function pushGroups(lines: string[], label: string, round: AuthRound, notation: DefinitionNotation): void {
  for (const group of round.groups) lines.push(`${label}:    group: ${notation.identity(group)}`);
}

function method(round: AuthRound, notation: DefinitionNotation): string {
  const identity = (kind: string): string => {
    if (round.eapIdentity === undefined) return "";
    const printed = round.eapIdentity === "%identity" ? "%any" : notation.identity(round.eapIdentity);
    return ` with ${kind} identity '${printed}'`;
  };
  switch (round.auth) {
    case "psk":
      return "pre-shared key authentication";
    case "pubkey":
      return "public key authentication";
    case "any":
      return "any authentication";
    case "eap":
      return `${eapMethod(round)} authentication${identity("EAP")}`;
    case "xauth":
      return `XAuth authentication: ${round.xauthBackend ?? "any"}${identity("XAuth")}`;
  }
}

function eapMethod({ eapType, eapVendor }: AuthRound): string {
  if (eapVendor !== 0) return `EAP_${eapType}-${eapVendor}`;
  return eapType === 0 ? "EAP" : eapTypeName(eapType);
}

function childLine(label: string, child: ChildDefinition, hasDpd: boolean, notation: DefinitionNotation): string {
  const selectors = (list: readonly string[]): string => list.map((text) => notation.selector(text)).join(" ");
  const dpd = hasDpd ? `, dpdaction=${child.dpdAction}` : "";
  return `${label}:   child:  ${selectors(child.localTs)} === ${selectors(child.remoteTs)} ${child.mode.toUpperCase()}${dpd}`;
}
