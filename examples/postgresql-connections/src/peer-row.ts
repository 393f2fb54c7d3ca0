import { authRound, childDefinition, peerDefinition } from "@cygnet/plugin-api";
import type { PeerDefinition } from "@cygnet/plugin-api";

/** A row of `cygnet_peers`, see schema.sql. */
export interface PeerRow {
  readonly name: string;
  readonly local_id: string;
  readonly remote_id: string;
  /** Of CHILD_SAs. */
  readonly proposals: readonly string[];
  readonly local_ts: readonly string[];
  readonly remote_ts: readonly string[];
  readonly pools: readonly string[];
}

/** @param ikeProposals what all peers may agree on */
export function connectionOf(row: PeerRow, ikeProposals: readonly string[]): PeerDefinition {
  const { name, proposals, local_ts: localTs, remote_ts: remoteTs } = row;
  return peerDefinition(name, {
    version: 2,
    proposals: ikeProposals,
    local: [authRound({ auth: "psk", id: row.local_id })],
    remote: [authRound({ auth: "psk", id: row.remote_id })],
    pools: row.pools,
    children: [childDefinition(name, { proposals, localTs, remoteTs })],
  });
}
