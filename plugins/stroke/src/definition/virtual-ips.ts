import { splitList } from "./stroke-end.js";
import type { StrokeEnd } from "./stroke-end.js";
import type { Ends } from "./swap-ends.js";

/** Words that ask the peer for an address of the family that the connection uses. */
const ANY_FAMILY: ReadonlySet<string> = new Set(["%config", "%cfg", "%modeconfig", "%modecfg"]);

const V4 = "0.0.0.0";
const V6 = "::";

/** Virtual IPs that we ask for, from our `sourceip`. */
export function virtualIpsOf({ local, remote }: Ends): string[] {
  return splitList(local.sourceip).map((text) => {
    if (ANY_FAMILY.has(text)) return usesIpv6(remote) ? V6 : V4;
    if (text === "%config4") return V4;
    return text === "%config6" ? V6 : text;
  });
}

/** What we want to reach tells the family: its subnets, else its address. */
function usesIpv6(remote: StrokeEnd): boolean {
  const [reached] = remote.tohost === 0 ? splitList(remote.subnets) : [];
  return (reached ?? remote.address ?? "").includes(":");
}

/** What a peer's `sourceip` asks of us. */
export interface PoolUse {
  /** Pools of the connection, in order. */
  readonly names: readonly string[];
  /** Those of them that the connection itself brings; the others are somebody else's. */
  readonly own: readonly { readonly name: string; readonly addresses: string }[];
}

/**
 * Pools of a connection: `%name` refers to one of another source, `%config` grants what the peer asks for in a pool called like the
 * connection, all else is a pool of these addresses.
 */
export function poolsOf(connection: string, remote: StrokeEnd): PoolUse {
  const names: string[] = [];
  const own: { readonly name: string; readonly addresses: string }[] = [];
  for (const text of splitList(remote.sourceip)) {
    const isGrant = ANY_FAMILY.has(text) || text === "%config4" || text === "%config6";
    const name = isGrant ? connection : text.startsWith("%") ? text.slice(1) : text;
    if (names.includes(name)) continue;
    names.push(name);
    if (isGrant) own.push({ name, addresses: "%config" });
    else if (!text.startsWith("%")) own.push({ name, addresses: text });
  }
  return { names, own };
}
