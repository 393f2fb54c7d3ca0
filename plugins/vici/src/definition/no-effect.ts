import type { ChildDefinition, PeerDefinition } from "@cygnet/plugin-api";

/**
 * The settings of a connection that are accepted so that a configuration loads, and have no effect in this release, in the words of
 * swanctl.conf; those at their default are left out. None of them makes an SA weaker than it would be without.
 */
export function settingsWithoutEffect(peer: PeerDefinition): string[] {
  const settings: readonly (readonly [setting: string, isSet: boolean])[] = [
    ["version = 1", peer.version === 1],
    ["aggressive", peer.aggressive],
    ["pull = no", peer.push],
    [`childless = ${peer.childless}`, peer.childless !== "allow"],
    ["mode = transport_proxy", peer.children.some(({ proxyMode }) => proxyMode)],
    ["dpd_action = trap (the peer is given up, no trap stays)", hasAction(peer, "dpdAction")],
    ["close_action = trap", hasAction(peer, "closeAction")],
  ];
  return settings.flatMap(([setting, isSet]) => (isSet ? [setting] : []));
}

const hasAction = ({ children }: PeerDefinition, action: keyof Pick<ChildDefinition, "dpdAction" | "closeAction">): boolean =>
  children.some((child) => child[action] === "trap");
