import type { AddConnFields } from "./stroke-end.js";
import type { Ends } from "./swap-ends.js";

/**
 * The settings of a request that are accepted so that a configuration loads, and have no effect in this release, in the words of
 * ipsec.conf; those at their default are left out. None of them makes an SA weaker than it would be without: what a peer must prove is
 * checked, or the authentication fails. Marks, windows, limits and shunts need a kernel plugin, without which no traffic is protected at all.
 */
export function settingsWithoutEffect(fields: AddConnFields, { local }: Ends): string[] {
  const settings: readonly (readonly [keyword: string, isSet: boolean])[] = [
    ["keyexchange=ikev1", fields.version === 1],
    ["aggressive", fields.aggressive !== 0],
    ["modeconfig=push", fields.pushmode !== 0],
    ["type=transport_proxy", fields.proxy_mode !== 0],
    ["mediation", fields["ikeme.mediation"] !== 0 || fields["ikeme.mediated_by"] !== null],
    ["me_peerid", fields["ikeme.peerid"] !== null],
    ["leftdns (the resolve plugin asks for DNS servers)", local.dns !== null],
  ];
  return settings.flatMap(([keyword, isSet]) => (isSet ? [keyword] : []));
}
