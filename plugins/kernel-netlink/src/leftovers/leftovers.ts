import { NETLINK_ROUTE, NETLINK_XFRM } from "@cygnet/native";
import { CygnetError, LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import { NetlinkRequests } from "../netlink/netlink-requests.js";
import type { RequestOptions } from "../netlink/netlink-requests.js";
import { cleanNotes, cleanRoutes } from "./clean-network.js";
import { cleanXfrm } from "./clean-xfrm.js";
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
  const { log } = options;
  try {
    const removed = [...removeXfrm(options), ...removeNotes(options)];
    if (removed.length > 0)
      log.log(LogGroup.KNL, 1, `removed what a daemon before has left in the kernel: ${removed.join(", ")}`);
  } catch (error) {
    if (!(error instanceof CygnetError)) throw error;
    log.log(LogGroup.KNL, 1, `what a daemon before may have left in the kernel could not be removed: ${error.message}`);
  }
}

function removeXfrm({ requests, tags, table }: LeftoversOptions): string[] {
  return withRequests({ ...requests, protocol: NETLINK_XFRM }, (xfrm) => {
    const { sas, policies, destinations } = cleanXfrm(xfrm, tags);
    const routes = withRequests({ ...requests, protocol: NETLINK_ROUTE }, (route) => cleanRoutes(route, table, destinations));
    return [...counted(sas, "SA"), ...counted(policies, "policy"), ...counted(routes, "route")];
  });
}

function removeNotes({ requests, record }: LeftoversOptions): string[] {
  return withRequests({ ...requests, protocol: NETLINK_ROUTE }, (route) => {
    const { addresses, rules } = cleanNotes(route, record);
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
