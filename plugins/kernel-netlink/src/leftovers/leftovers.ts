import { NETLINK_ROUTE, NETLINK_XFRM } from "@cygnet/native";
import { CygnetError, LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { NetlinkRequests } from "../netlink/netlink-requests.js";
import type { RequestOptions } from "../netlink/netlink-requests.js";
import { cleanNotes, cleanRoutes } from "./clean-network.js";
import { cleanXfrm } from "./clean-xfrm.js";
import type { ShardPart } from "./clean-xfrm.js";
import type { OwnTags } from "./own-tags.js";
import type { RunRecord } from "./run-record.js";

/** What is to be cleaned. */
export interface LeftoversOptions {
  readonly requests: Omit<RequestOptions, "protocol">;
  readonly log: Logger;
  readonly tags: OwnTags;
  readonly record: RunRecord;
  /** Our routing table, 0 for none. */
  readonly table: number;
}

/**
 * Takes away what a daemon before this one has left in the kernel because it was killed: SAs, policies, routes, rules and virtual IPs. What others have
 * there is not touched. One line says what it was. A daemon that cannot do so starts all the same, with a line on that.
 */
export function removeLeftovers(options: LeftoversOptions): void {
  attempt(options.log, "a daemon", () => [...removeXfrm(options).lines, ...removeNotes(options)]);
}

/**
 * The same for a shard that takes the place of one that died. Rules are all shards'.
 * @returns names of the policies that are gone, which other shards may want, too
 */
export function removeLeftoversOf(part: ShardPart, options: LeftoversOptions): readonly string[] {
  let policies: readonly string[] = [];
  attempt(options.log, `shard ${part.shard}`, () => {
    const removed = removeXfrm(options, part);
    ({ policies } = removed);
    return [...removed.lines, ...removeNotes(options, part)];
  });
  return policies;
}

/** @param remove tells what it has removed */
function attempt(log: Logger, who: string, remove: () => readonly string[]): void {
  try {
    const removed = remove();
    if (removed.length > 0) log.log(LogGroup.KNL, 1, `removed what ${who} before has left in the kernel: ${removed.join(", ")}`);
  } catch (error) {
    if (!(error instanceof CygnetError)) throw error;
    log.log(LogGroup.KNL, 1, `what ${who} before may have left in the kernel could not be removed: ${error.message}`);
  }
}

interface RemovedXfrm {
  readonly lines: readonly string[];
  readonly policies: readonly string[];
}

function removeXfrm({ requests, tags, table }: LeftoversOptions, part?: ShardPart): RemovedXfrm {
  return withRequests({ ...requests, protocol: NETLINK_XFRM }, (xfrm) => {
    const { sas, policies, destinations } = cleanXfrm(xfrm, tags, part);
    const routes = withRequests({ ...requests, protocol: NETLINK_ROUTE }, (route) => cleanRoutes(route, table, destinations));
    const lines = [...counted(sas, "SA"), ...counted(policies.length, "policy"), ...counted(routes, "route")];
    return { lines, policies };
  });
}

function removeNotes({ requests, record }: LeftoversOptions, part?: ShardPart): string[] {
  return withRequests({ ...requests, protocol: NETLINK_ROUTE }, (route) => {
    const notes = record.notes().filter((note) => !part || (note.kind === "address" && note.shard === part.shard));
    const { addresses, rules } = cleanNotes(route, record, notes);
    return [...counted(addresses, "virtual IP"), ...counted(rules, "rule")];
  });
}

function withRequests<T>(options: RequestOptions, use: (requests: NetlinkRequests) => T): T {
  const requests = new NetlinkRequests(options);
  try {
    return use(requests);
  } finally {
    requests.close();
  }
}

function counted(count: number, what: string): string[] {
  if (count === 0) return [];
  const many = what.endsWith("y") ? `${what.slice(0, -1)}ies` : `${what}s`;
  return [`${count} ${count === 1 ? what : many}`];
}
