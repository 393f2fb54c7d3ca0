import { authRound, childDefinition, peerDefinition } from "@cygnet/plugin-api";
import type { PeerDefinition, SharedSecret } from "@cygnet/plugin-api";

/** A row of `cygnet_peers`, see schema.sql. */
export interface PeerRow {
  readonly name: string;
  readonly local_id: string;
  readonly remote_id: string;
  readonly psk: string;
  readonly local_address: string;
  readonly remote_address: string;
  readonly proposals: readonly string[];
  readonly local_ts: readonly string[];
  readonly remote_ts: readonly string[];
  readonly pools: readonly string[];
}

export const SELECT_PEERS =
  "SELECT name, local_id, remote_id, psk, local_address, remote_address, proposals, local_ts, remote_ts, pools FROM cygnet_peers ORDER BY name";

export function connectionOf(row: PeerRow): PeerDefinition {
  return peerDefinition(row.name, {
    localAddresses: [row.local_address],
    remoteAddresses: [row.remote_address],
    proposals: row.proposals,
    local: [authRound({ auth: "psk", id: row.local_id })],
    remote: [authRound({ auth: "psk", id: row.remote_id })],
    pools: row.pools,
    children: [childDefinition(row.name, { localTs: row.local_ts, remoteTs: row.remote_ts })],
  });
}

export function secretOf({ local_id, remote_id, psk }: PeerRow): SharedSecret {
  return { type: "IKE", owners: [local_id, remote_id], secret: new TextEncoder().encode(psk) };
}
