import type { PeerDefinition } from "@cygnet/plugin-api";
import type { SettingsObject } from "@cygnet/settings";
import type { ConnConfig, SetupConfig } from "@cygnet/starter";
import { convertDefinition, isRefusal } from "./convert-definition.js";
import { loadConn } from "./loaded-conn.js";
import { withoutCounterpart } from "./no-counterpart.js";

/** A pool that a connection brings. */
export interface ConvertedPool {
  readonly addrs: string;
  readonly dns: readonly string[];
}

/** A `conn` of ipsec.conf as sections of swanctl.conf. */
export interface ConvertedConnection {
  readonly name: string;
  readonly section: SettingsObject;
  readonly pools: ReadonlyMap<string, ConvertedPool>;
  /** What the daemon loads from ipsec.conf, with the pools as they are called here. */
  readonly peer: PeerDefinition;
  /** What the daemon's log says of the section. */
  readonly messages: readonly string[];
}

/** A `conn` that cannot be converted. */
export interface RefusedConnection {
  readonly name: string;
  /** Keyword and reason each. */
  readonly reasons: readonly string[];
}

/** Converts one section. */
export function convertConnection(conn: ConnConfig, setup: SetupConfig): ConvertedConnection | RefusedConnection {
  const { name } = conn;
  try {
    const loaded = loadConn(conn, setup);
    const reasons = withoutCounterpart(loaded);
    if (reasons.length > 0) return { name, reasons };
    const names = new Map(loaded.pools.own.map((pool) => [pool.name, poolName(pool.addresses)]));
    const pools = loaded.peer.pools.map((pool) => names.get(pool) ?? pool);
    const converted = convertDefinition({ peer: { ...loaded.peer, pools }, ...loaded.ends, pools });
    if ("reasons" in converted) return { name, reasons: converted.reasons };
    const own = loaded.pools.own.map((pool) => [poolName(pool.addresses), { addrs: pool.addresses, dns: loaded.dns }] as const);
    return { name, ...converted, pools: new Map(own), messages: loaded.messages };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { name, reasons: [error.message] };
  }
}

/** A name for a pool by its addresses: two connections with the same ones share it, as they do with ipsec.conf. */
export function poolName(addresses: string): string {
  return `pool-${addresses.replace(/[^0-9A-Za-z]+/g, "-")}`;
}
