import type { AddConnFields } from "./stroke-end.js";
import type { Ends } from "./swap-ends.js";

const HOLD = 2;
const NO_REPLAY_WINDOW = 0xffffffff;
const SHUNTS: Readonly<Record<number, string>> = { 4: "type=passthrough", 5: "type=drop" };

/**
 * The settings of a request that are accepted so that a configuration loads, and have no effect in this release, in the words of
 * ipsec.conf; those at their default are left out. None of them makes an SA weaker than it would be without: what a peer must prove is
 * checked, or the authentication fails, and marks, windows and limits need a kernel plugin, without which no traffic is protected at all.
 */
export function settingsWithoutEffect(fields: AddConnFields, { local, remote }: Ends): string[] {
  const shunt = SHUNTS[fields.mode];
  const settings: readonly (readonly [keyword: string, isSet: boolean])[] = [
    ["keyexchange=ikev1", fields.version === 1],
    ["aggressive", fields.aggressive !== 0],
    ["modeconfig=push", fields.pushmode !== 0],
    [shunt ?? "", shunt !== undefined],
    ["type=transport_proxy", fields.proxy_mode !== 0],
    ["compress", fields.ipcomp !== 0],
    ["tfc", fields.tfc !== 0],
    ["mark_in", fields["mark_in.value"] !== 0 || fields["mark_in.mask"] !== 0],
    ["mark_out", fields["mark_out.value"] !== 0 || fields["mark_out.mask"] !== 0],
    ["replay_window", fields.replay_window !== NO_REPLAY_WINDOW],
    ["lifebytes", fields["rekey.life_bytes"] !== 0n],
    ["lifepackets", fields["rekey.life_packets"] !== 0n],
    ["dpdaction=hold (the peer is given up, no trap stays)", fields["dpd.action"] === HOLD],
    ["closeaction=hold", fields.close_action === HOLD],
    ["installpolicy=no", fields.install_policy === 0],
    ["strictcrlpolicy", fields.crl_policy !== 0],
    ["sha256_96", fields.sha256_96],
    ["mediation", fields["ikeme.mediation"] !== 0 || fields["ikeme.mediated_by"] !== null],
    ["me_peerid", fields["ikeme.peerid"] !== null],
    ["sigkey", local.rsakey !== null || remote.rsakey !== null],
    ["leftdns (the resolve plugin asks for DNS servers)", local.dns !== null],
  ];
  return settings.flatMap(([keyword, isSet]) => (isSet ? [keyword] : []));
}
