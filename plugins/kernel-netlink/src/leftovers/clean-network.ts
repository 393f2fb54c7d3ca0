import { Host } from "@cygnet/plugin-api";
import { familyNumber } from "../netlink/addresses.js";
import { NLM_F_DUMP } from "../netlink/constants.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import { ROUTE_BYTES, RouteMessage, RT_SCOPE_UNIVERSE, RTA_DST, RTA_TABLE, RTPROT_STATIC } from "../route/constants.js";
import { readRoute } from "../route/route-lookup.js";
import { putRule } from "../route/routing-rules.js";
import { putVirtualIp } from "../route/virtual-ips.js";
import { networkKey } from "./clean-xfrm.js";
import type { LedTo } from "./clean-xfrm.js";
import type { Note, RunRecord } from "./run-record.js";

interface FoundRoute extends LedTo {
  /** RTN_* */
  readonly type: number;
}

/**
 * Takes routes of our table out that are static and lead where policies of ours led: each route of ours is there only while its policy is.
 * @returns how many
 */
export function cleanRoutes(requests: NetlinkRequests, table: number, destinations: readonly LedTo[]): number {
  if (destinations.length === 0 || table === 0) return 0;
  const wanted = new Set(destinations.map(networkKey));
  const found: FoundRoute[] = [];
  for (const family of [4, 6] as const) {
    requests.begin(RouteMessage.GETROUTE, NLM_F_DUMP, ROUTE_BYTES).u8(0, familyNumber(family));
    requests.run((message) => {
      const isStatic = message.type === (RouteMessage.NEWROUTE as number) && message.u8(5) === RTPROT_STATIC;
      const route = isStatic ? readRoute(message) : undefined;
      if (route?.table !== table) return;
      const address = route.destination?.address ?? new Uint8Array(family === 4 ? 4 : 16);
      if (wanted.has(networkKey({ address, prefix: route.prefix })))
        found.push({ family, address, prefix: route.prefix, type: route.type });
    });
  }
  let removed = 0;
  for (const { family, address, prefix, type } of found) {
    const writer = requests.begin(RouteMessage.DELROUTE, 0, ROUTE_BYTES);
    writer.u8(0, familyNumber(family));
    writer.u8(1, prefix);
    writer.u8(4, table < 256 ? table : 0);
    writer.u8(5, RTPROT_STATIC);
    writer.u8(6, RT_SCOPE_UNIVERSE);
    writer.u8(7, type);
    writer.bytesAttribute(RTA_DST, address);
    writer.u32Attribute(RTA_TABLE, table);
    requests.run();
    if (requests.refusal() === undefined) removed++;
  }
  return removed;
}

/** Takes away what is noted. @returns how many virtual IPs and rules were there */
export function cleanNotes(
  requests: NetlinkRequests,
  record: RunRecord,
  notes: readonly Note[],
): { readonly addresses: number; readonly rules: number } {
  const count = { address: 0, rule: 0 };
  for (const note of notes) {
    if (note.kind === "rule") putRule(requests, RouteMessage.DELRULE, 0, note);
    else {
      const address = Host.parse(note.address);
      if (address) putVirtualIp(requests, RouteMessage.DELADDR, 0, { ...note, address });
    }
    requests.run();
    if (requests.refusal() === undefined) count[note.kind]++;
    record.delete(note);
  }
  return { addresses: count.address, rules: count.rule };
}
