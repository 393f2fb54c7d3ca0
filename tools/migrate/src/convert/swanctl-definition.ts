import type { AuthRound, PeerDefinition } from "@cygnet/plugin-api";
import { SIGKEY } from "@cygnet/plugin-stroke";
import { buildConnection } from "@cygnet/plugin-vici";
import type { Settings } from "@cygnet/settings";
import { connectionData } from "@cygnet/swanctl";
import { encodeMessage, parseMessage } from "@cygnet/vici";

/**
 * What the daemon makes of a connection of swanctl.conf: the request that swanctl sends, encoded and read again. Certificates stay by the
 * name of their file, so that none need be there.
 * @throws {CommandFailed} of the vici plugin, with the option and the reason
 */
export function swanctlDefinition(settings: Settings, name: string): PeerDefinition {
  const names = (_option: string, _folder: string, file: string): Uint8Array => new TextEncoder().encode(file);
  const data = connectionData(settings.section(["connections", name]), names) ?? {};
  const { peer, certificates } = buildConnection(name, parseMessage(encodeMessage(data)));
  const named = (round: AuthRound): AuthRound => {
    const { certs = [], pubkeys = [] } = certificates.get(round) ?? {};
    const text = (octets: Uint8Array): string => new TextDecoder().decode(octets);
    const all = [...certs.map(text), ...pubkeys.map((octets) => SIGKEY + text(octets))];
    return all.length === 0 ? round : { ...round, certificates: all };
  };
  return { ...peer, local: peer.local.map(named), remote: peer.remote.map(named) };
}
