import { eapTypeName } from "@cygnet/wire";
import type { AuthRound, ChildDefinition, DefinitionNotation, PeerDefinition } from "@cygnet/plugin-api";
import type { MessageWriter } from "@cygnet/vici";
import { modeName, writeLabel } from "./child-sa.js";
import { sectionName } from "./fitting.js";

const VERSIONS = { 0: "IKEv1/2", 1: "IKEv1", 2: "IKEv2" } as const;
const CLASSES: Readonly<Record<AuthRound["auth"], string>> = {
  psk: "pre-shared key",
  pubkey: "public key",
  eap: "EAP",
  xauth: "XAuth",
  any: "",
};

/** How a connection is written. */
export interface ConnectionStyle {
  readonly notation: DefinitionNotation;
  /** Subject of the certificate with this fingerprint. */
  readonly certificateName: (fingerprint: string) => string;
  /** It was loaded here: strongSwan has the identity of a round before its class then, and behind it otherwise. */
  readonly isFromSwanctl: boolean;
}

/** Writes a connection as `list-conn` has it, as a section of its name. The order is strongSwan's. */
export function writeConnection(writer: MessageWriter, peer: PeerDefinition, style: ConnectionStyle): void {
  writer
    .beginSection(sectionName(peer.name))
    .list("local_addrs", peer.localAddresses)
    .list("remote_addrs", peer.remoteAddresses)
    .value("local_port", peer.localPort)
    .value("remote_port", peer.remotePort)
    .value("version", VERSIONS[peer.version])
    .value("reauth_time", peer.reauthTime)
    .value("rekey_time", peer.rekeyTime)
    .value("unique", `UNIQUE_${peer.unique.toUpperCase()}`);
  if (peer.dpdDelay > 0) writer.value("dpd_delay", peer.dpdDelay);
  if (peer.dpdTimeout > 0) writer.value("dpd_timeout", peer.dpdTimeout);
  peer.local.forEach((round, i) => writeRound(writer, `local-${i + 1}`, round, style));
  peer.remote.forEach((round, i) => writeRound(writer, `remote-${i + 1}`, round, style));
  writer.beginSection("children");
  for (const child of peer.children) writeChild(writer, child, style.notation);
  writer.endSection().endSection();
}

function writeRound(writer: MessageWriter, section: string, round: AuthRound, style: ConnectionStyle): void {
  const { notation, isFromSwanctl } = style;
  const identity = (name: string, text: string | undefined): void => {
    if (text !== undefined) writer.value(name, text.startsWith("%") ? "%any" : notation.identity(text));
  };
  const eapIdentity = round.auth === "xauth" ? "xauth_id" : "eap_id";
  writer.beginSection(section);
  identity("aaa_id", round.aaaIdentity);
  identity(eapIdentity, round.eapIdentity);
  if (isFromSwanctl) identity("id", round.id);
  if (round.eapVendor !== 0) writer.value("eap-vendor", round.eapVendor);
  if (round.eapType !== 0) writer.value("eap-type", eapTypeName(round.eapType));
  // Nothing is said where any will do.
  if (round.auth !== "any") writer.value("class", CLASSES[round.auth]);
  if (round.xauthBackend !== undefined) writer.value("xauth", round.xauthBackend);
  if (!isFromSwanctl) identity("id", round.id);
  for (const name of round.caNames) identity("ca_id", name);
  writer
    .list(
      "groups",
      round.groups.map((text) => notation.identity(text)),
    )
    .list("cert_policy", round.certPolicies)
    .list("certs", round.certificates.map(style.certificateName))
    .list(
      "cacerts",
      round.authorities.map(({ subject }) => subject),
    )
    .endSection();
}

function writeChild(writer: MessageWriter, child: ChildDefinition, notation: DefinitionNotation): void {
  writer.beginSection(sectionName(child.name)).value("mode", modeName(child.mode, child.proxyMode));
  writeLabel(writer, child.label);
  writer
    .value("rekey_time", child.rekeyTime)
    .value("rekey_bytes", child.rekeyBytes)
    .value("rekey_packets", child.rekeyPackets)
    .value("dpd_action", child.dpdAction)
    .value("close_action", child.closeAction)
    .list(
      "local-ts",
      child.localTs.map((text) => notation.selector(text)),
    )
    .list(
      "remote-ts",
      child.remoteTs.map((text) => notation.selector(text)),
    )
    .endSection();
}
