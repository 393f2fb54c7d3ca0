import type { Host } from "@cygnet/plugin-api";
import { familyNumber, familyOf, readHost } from "../netlink/addresses.js";
import { NLM_F_DUMP } from "../netlink/constants.js";
import type { MessageReader } from "../netlink/message-reader.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import type { Fwmark } from "./fwmark.js";
import {
  ROUTE_BYTES,
  RouteMessage,
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTA_DST,
  RTA_GATEWAY,
  RTA_MARK,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_PRIORITY,
  RTA_TABLE,
  RTM_F_CLONED,
  RTM_F_LOOKUP_TABLE,
  RTN_UNICAST,
} from "./constants.js";

/** One route. */
export interface Route {
  readonly table: number;
  /** RTN_* */
  readonly type: number;
  readonly flags: number;
  readonly destination: Host | undefined;
  readonly prefix: number;
  readonly gateway: Host | undefined;
  /** Index of the interface, 0 for none (or several). */
  readonly interfaceIndex: number;
  /** The source address that the kernel prefers. */
  readonly source: Host | undefined;
  readonly metric: number;
}

/** What lookups take into account. */
export interface LookupOptions {
  /** Tables that are not looked at: our own, and `charon.ignore_routing_tables`. */
  readonly ignoredTables: ReadonlySet<number>;
  /** Packets with this mark do not see our table. */
  readonly fwmark: Fwmark | undefined;
  /** Whether an interface may be used, by its index. */
  readonly isUsable: (interfaceIndex: number) => boolean;
}

/**
 * Finds routes as they would be without those that we have installed for tunnels. The kernel is asked, by its rules; where it answers out of an
 * ignored table, the best route of the others is looked for among all of them.
 */
export class RouteLookup {
  constructor(
    private readonly requests: NetlinkRequests,
    private readonly options: LookupOptions,
  ) {}

  /**
   * @param through index of the interface that is to be left by, any if not given
   * @returns undefined where there is none @throws {SystemError} CYG_NETLINK_EXCHANGE
   */
  find(destination: Host, through?: number): Route | undefined {
    const { ignoredTables, isUsable } = this.options;
    const found = this.#ask(destination);
    if (!found) return undefined;
    const isOurs = found.table === RT_TABLE_LOCAL;
    const isWanted = through === undefined || found.interfaceIndex === through;
    if (isOurs || (isWanted && !ignoredTables.has(found.table) && isUsable(found.interfaceIndex))) return found;
    return this.#best(destination, through);
  }

  /** Routes of the main table that lead to a link and not to a router. */
  connected(): readonly Route[] {
    const found: Route[] = [];
    for (const family of [4, 6] as const) {
      this.requests.begin(RouteMessage.GETROUTE, NLM_F_DUMP, ROUTE_BYTES).u8(0, familyNumber(family));
      this.requests.run((answer) => {
        const route = readRoute(answer);
        if (!route || route.table !== RT_TABLE_MAIN || route.type !== RTN_UNICAST || route.flags & RTM_F_CLONED) return;
        if (route.destination && !route.gateway && route.interfaceIndex !== 0) found.push(route);
      });
    }
    return found;
  }

  #ask(destination: Host): Route | undefined {
    const writer = this.requests.begin(RouteMessage.GETROUTE, 0, ROUTE_BYTES);
    const { address, family } = destination;
    writer.u8(0, familyNumber(family));
    writer.u8(1, address.length * 8);
    writer.u32(8, RTM_F_LOOKUP_TABLE);
    writer.bytesAttribute(RTA_DST, address);
    // Where the rule for our table applies to all but one mark, that one leads past it.
    const { fwmark } = this.options;
    if (fwmark?.isInverted) writer.u32Attribute(RTA_MARK, fwmark.value);
    let route: Route | undefined;
    this.requests.run((answer) => (route ??= readRoute(answer)));
    return this.requests.refusal() === undefined ? route : undefined;
  }

  #best(destination: Host, through: number | undefined): Route | undefined {
    const { ignoredTables, isUsable } = this.options;
    let best: Route | undefined;
    const consider = (route: Route): void => {
      if (route.type !== RTN_UNICAST || route.flags & RTM_F_CLONED || route.table === RT_TABLE_LOCAL) return;
      if (through !== undefined && route.interfaceIndex !== through) return;
      if (ignoredTables.has(route.table) || !isUsable(route.interfaceIndex) || !leadsTo(route, destination)) return;
      if (!best || route.prefix > best.prefix || (route.prefix === best.prefix && route.metric < best.metric)) best = route;
    };
    const writer = this.requests.begin(RouteMessage.GETROUTE, NLM_F_DUMP, ROUTE_BYTES);
    writer.u8(0, familyNumber(destination.family));
    this.requests.run((answer) => {
      const route = readRoute(answer);
      if (route) consider(route);
    });
    return best;
  }
}

/** Struct rtmsg with its attributes; undefined for other families. */
export function readRoute(message: MessageReader): Route | undefined {
  const family = familyOf(message.u8(0));
  if (!family || message.type !== (RouteMessage.NEWROUTE as number)) return undefined;
  return readAnyRoute(message, family);
}

/** A route of RTM_NEWROUTE or RTM_DELROUTE. */
export function readAnyRoute(message: MessageReader, family: 4 | 6): Route {
  const octets = family === 4 ? 4 : 16;
  const [prefix, type, flags] = [message.u8(1), message.u8(7), message.u32(8)];
  let table = message.u8(4);
  let destination: Host | undefined;
  let gateway: Host | undefined;
  let source: Host | undefined;
  let interfaceIndex = 0;
  let metric = 0;
  message.attributes(ROUTE_BYTES);
  for (let found = message.nextAttribute(); found >= 0; found = message.nextAttribute()) {
    const host = (): Host | undefined => (message.length === octets ? readHost(message, 0, family) : undefined);
    if (found === RTA_DST) destination = host();
    else if (found === RTA_GATEWAY) gateway = host();
    else if (found === RTA_PREFSRC) source = host();
    else if (found === RTA_OIF) interfaceIndex = message.u32(0);
    else if (found === RTA_PRIORITY) metric = message.u32(0);
    else if (found === RTA_TABLE) table = message.u32(0);
  }
  return { table, type, flags, destination, prefix, gateway, interfaceIndex, source, metric };
}

function leadsTo({ destination, prefix }: Route, { address }: Host): boolean {
  if (!destination) return prefix === 0;
  for (let bit = 0; bit < prefix; bit++) {
    const mask = 0x80 >> (bit & 7);
    if ((destination.address[bit >> 3]! & mask) !== (address[bit >> 3]! & mask)) return false;
  }
  return true;
}
