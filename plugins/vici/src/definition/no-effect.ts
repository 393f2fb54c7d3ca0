import type { PeerDefinition } from "@cygnet/plugin-api";

/**
 * The settings of a connection that are accepted so that a configuration loads, and have no effect in this release, in the words of
 * swanctl.conf; those at their default are left out. None of them makes an SA weaker than it would be without.
 */
export function settingsWithoutEffect(peer: PeerDefinition): string[] {
  const settings: readonly (readonly [setting: string, isSet: boolean])[] = [
    ["version = 1", peer.version === 1],
    ["aggressive", peer.aggressive],
    ["pull = no", peer.push],
    ["mode = transport_proxy", peer.children.some(({ proxyMode }) => proxyMode)],
  ];
  return settings.flatMap(([setting, isSet]) => (isSet ? [setting] : []));
}
