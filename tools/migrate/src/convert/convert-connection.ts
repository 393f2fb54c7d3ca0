import { DefinitionError } from "@cygnet/plugin-api";
import type { PeerDefinition } from "@cygnet/plugin-api";
import { StrokeMessageError } from "@cygnet/plugin-stroke/abi";
import { CommandFailed } from "@cygnet/plugin-vici";
import type { ConnConfig, SetupConfig } from "@cygnet/starter";
import { ConfigError, Settings, parseSettings } from "@cygnet/settings";
import type { SettingsObject } from "@cygnet/settings";
import { connectionSection } from "./connection-section.js";
import type { SectionDraft } from "./connection-section.js";
import { differences } from "./differences.js";
import type { Difference } from "./differences.js";
import { loadConn } from "./loaded-conn.js";
import { comparable, withoutCounterpart } from "./no-counterpart.js";
import { swanctlDefinition } from "./swanctl-definition.js";

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

/** Keys that are written even where they are at their default, since they are looked for. */
const ALWAYS: ReadonlySet<string> = new Set(["auth"]);

/** Converts one section. Keys at their defaults are left out where the daemon loads the same without them. */
export function convertConnection(conn: ConnConfig, setup: SetupConfig): ConvertedConnection | RefusedConnection {
  const { name } = conn;
  try {
    const loaded = loadConn(conn, setup);
    const reasons = withoutCounterpart(loaded);
    if (reasons.length > 0) return { name, reasons };
    const names = new Map(loaded.pools.own.map((pool) => [pool.name, poolName(pool.addresses)]));
    const pools = loaded.peer.pools.map((pool) => names.get(pool) ?? pool);
    const peer = comparable({ ...loaded.peer, pools });
    const draft = connectionSection({ peer, ...loaded.ends, pools });
    const found = verifyConnection(name, draft, peer);
    if (found.length > 0)
      return { name, reasons: found.map(({ path, before }) => `${path}: ${JSON.stringify(before)} cannot be said`) };
    leaveOutDefaults(draft, () => verifyConnection(name, draft, peer).length === 0);
    const own = loaded.pools.own.map((pool) => [poolName(pool.addresses), { addrs: pool.addresses, dns: loaded.dns }] as const);
    return { name, section: definite(draft), pools: new Map(own), peer, messages: loaded.messages };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { name, reasons: [error.message] };
  }
}

/** Where the daemon loads something else from a section than `peer`: the text is written and read again for that. */
export function verifyConnection(name: string, draft: SectionDraft, peer: PeerDefinition): Difference[] {
  const text = Settings.fromObject({ connections: { [name]: definite(draft) } }).print();
  const { settings } = parseSettings(text, { file: "swanctl.conf" });
  return differences(peer, swanctlDefinition(settings, name));
}

/** A name for a pool by its addresses: two connections with the same ones share it, as they do with ipsec.conf. */
export function poolName(addresses: string): string {
  return `pool-${addresses.replace(/[^0-9A-Za-z]+/g, "-")}`;
}

/** Takes out, one by one, the keys without which `isSame` holds. */
function leaveOutDefaults(section: SectionDraft, isSame: () => boolean): void {
  for (const [name, value] of Object.entries(section)) {
    if (typeof value === "object") leaveOutDefaults(value, isSame);
    else if (value !== undefined && !ALWAYS.has(name)) {
      section[name] = undefined;
      if (!succeeds(isSame)) section[name] = value;
    }
  }
}

function succeeds(isSame: () => boolean): boolean {
  try {
    return isSame();
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/** What a daemon or the printer says of a configuration that it cannot use. */
function isRefusal(error: unknown): error is Error {
  return (
    error instanceof ConfigError ||
    error instanceof CommandFailed ||
    error instanceof DefinitionError ||
    error instanceof StrokeMessageError
  );
}

function definite(draft: SectionDraft): SettingsObject {
  const entries = Object.entries(draft).flatMap(([name, value]): [string, string | SettingsObject][] => {
    if (value === undefined) return [];
    return [[name, typeof value === "string" ? value : definite(value)]];
  });
  return Object.fromEntries(entries);
}
