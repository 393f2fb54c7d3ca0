import { NETLINK_ROUTE } from "@cygnet/native";
import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type { Host, KernelNet, KernelRoute, LocalSubnet, Logger, TrafficRange } from "@cygnet/plugin-api";
import { familyOf } from "../netlink/addresses.js";
import type { MessageReader } from "../netlink/message-reader.js";
import type { RunRecord } from "../leftovers/run-record.js";
import { NetlinkEvents } from "../netlink/netlink-events.js";
import { NetlinkRequests } from "../netlink/netlink-requests.js";
import type { RequestOptions } from "../netlink/netlink-requests.js";
import {
  RouteMessage,
  RTM_F_CLONED,
  RTN_UNICAST,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_IPV6_IFADDR,
  RTNLGRP_IPV6_ROUTE,
  RTNLGRP_IPV6_RULE,
  RTNLGRP_LINK,
} from "./constants.js";
import type { Fwmark } from "./fwmark.js";
import { Interfaces, isLoopback, isTemporary, isUp, isUsable, isWithin } from "./interfaces.js";
import type { Interface } from "./interfaces.js";
import { RoamSignal } from "./roam-signal.js";
import { readAnyRoute, RouteLookup } from "./route-lookup.js";
import { RoutingRules } from "./routing-rules.js";
import { RouteTable } from "./route-table.js";
import type { OwnRoute } from "./route-table.js";
import { VirtualIps } from "./virtual-ips.js";

/** How this host's network is used. */
export interface NetlinkNetOptions {
  readonly requests: Omit<RequestOptions, "protocol">;
  readonly log: Logger;
  /** Whether an interface may be used, by its name. */
  readonly isInterfaceUsable: (name: string) => boolean;
  /** Our routing table, 0 for none. */
  readonly table: number;
  /** Of the rule for it. */
  readonly tablePriority: number;
  /** Others that are not looked at. */
  readonly ignoredTables: readonly number[];
  readonly fwmark: Fwmark | undefined;
  readonly mtu: number;
  readonly mss: number;
  readonly preferTemporary: boolean;
  readonly receiveBufferBytes: number;
  /** Which changes make a roam event, beside those of addresses. */
  /** Where rules and virtual IPs are noted, undefined for nowhere. */
  readonly record?: RunRecord;
  readonly roamOn: { readonly any: boolean; readonly routes: boolean; readonly rules: boolean };
  /** Addresses or routes changed; calls close together are made into one. */
  readonly roam: (addressChanged: boolean) => void;
}

/** How packets to a destination leave. */
export interface NextHop {
  /** The router, or the destination itself where it is on our link. */
  readonly gateway: Host;
  readonly interfaceIndex: number;
}

/** Addresses, interfaces and routes of this host, by rtnetlink. Each thread has its own. */
export class NetlinkNet implements KernelNet {
  readonly #options: NetlinkNetOptions;
  readonly #requests: NetlinkRequests;
  readonly #events: NetlinkEvents;
  readonly #interfaces: Interfaces;
  readonly #lookup: RouteLookup;
  readonly #rules: RoutingRules;
  readonly #routes: RouteTable;
  readonly #virtualIps: VirtualIps;
  readonly #roam: RoamSignal;
  /** What was added by `addRoute`. */
  readonly #added: { readonly route: KernelRoute; readonly own: OwnRoute }[] = [];

  /** @throws {SystemError} CYG_NETLINK_OPEN, CYG_NETLINK_EXCHANGE */
  constructor(options: NetlinkNetOptions) {
    this.#options = options;
    const { table, tablePriority, ignoredTables, fwmark, mtu, mss, roamOn, log, receiveBufferBytes, record } = options;
    this.#roam = new RoamSignal(options.roam);
    const requests = (this.#requests = new NetlinkRequests({ ...options.requests, protocol: NETLINK_ROUTE }));
    this.#interfaces = new Interfaces(requests);
    this.#lookup = new RouteLookup(requests, {
      ignoredTables: new Set([...ignoredTables, table]),
      fwmark,
      isUsable: (index) => this.#isUsableInterface(this.#interfaces.byIndex(index)),
    });
    this.#rules = new RoutingRules(requests, { table, priority: tablePriority, fwmark, log, record });
    this.#routes = new RouteTable(requests, { table, mtu, mss, rules: this.#rules });
    this.#virtualIps = new VirtualIps(requests, record);
    try {
      // First, so that nothing happens unseen between the two.
      this.#events = new NetlinkEvents({
        protocol: NETLINK_ROUTE,
        groups: [
          ...[RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR],
          ...(roamOn.routes ? [RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE] : []),
          ...(roamOn.rules ? [RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_RULE] : []),
        ],
        receiveBufferBytes,
        log,
        receive: (message) => this.#receive(message),
        lost: () => this.#reload(),
      });
    } catch (error) {
      requests.close();
      throw error;
    }
    this.#interfaces.load();
  }

  sourceAddress(destination: Host, preferred?: Host): Host | undefined {
    const kept = preferred && this.#interfaces.with(preferred);
    const isUsed = kept && isUp(kept) && this.#isUsableInterface(kept) && !this.#virtualIps.has(preferred);
    if (isUsed && (isLoopback(kept) || this.#lookup.find(destination, kept.index))) return preferred;
    const route = this.#lookup.find(destination);
    if (!route) return undefined;
    const { source } = route;
    // A virtual IP is for what goes through the tunnel.
    if (source && !this.#virtualIps.has(source)) return source;
    const found = this.#interfaces.byIndex(route.interfaceIndex);
    return found && this.#addressOf(found, destination.family);
  }

  interfaceOf(address: Host): string | undefined {
    const found = this.#interfaces.with(address);
    return found && isUp(found) && this.#isUsableInterface(found) ? found.name : undefined;
  }

  addresses(): readonly Host[] {
    const hosts: Host[] = [];
    for (const found of this.#interfaces.all()) {
      if (!isUp(found) || isLoopback(found) || !this.#isUsableInterface(found)) continue;
      for (const address of found.addresses)
        if (isUsable(address) && !this.#virtualIps.has(address.host)) hosts.push(address.host);
    }
    return hosts;
  }

  localSubnets(): readonly LocalSubnet[] {
    return this.#lookup.connected().flatMap(({ destination, prefix, interfaceIndex }) => {
      const found = this.#interfaces.byIndex(interfaceIndex);
      return destination && found ? [{ address: destination, prefix, interfaceName: found.name }] : [];
    });
  }

  /** @throws {SystemError} CYG_KERNEL_ADDRESS */
  addVirtualIp(address: Host, prefix: number, interfaceName: string): void {
    const found = this.#interfaces.byName(interfaceName);
    if (!found)
      throw new SystemError(
        "CYG_KERNEL_ADDRESS",
        "RTM_NEWADDR",
        "ENODEV",
        `adding virtual IP ${address} failed: there is no interface ${interfaceName}`,
      );
    const isThere = found.addresses.some(({ host }) => host.sameAddress(address));
    this.#virtualIps.add(address, prefix, found.index);
    // The event comes later, and routes over the address may be wanted at once.
    if (!isThere) found.addresses.push({ host: address.withPort(0), prefix, flags: 0, scope: 0 });
  }

  /** @throws {SystemError} CYG_KERNEL_ADDRESS */
  deleteVirtualIp(address: Host): void {
    this.#virtualIps.delete(address);
  }

  /** @throws {SystemError} CYG_KERNEL_ROUTE */
  addRoute(route: KernelRoute): void {
    const { source, gateway, destination, prefix, interfaceName } = route;
    const found = this.#interfaces.byName(interfaceName);
    if (!found)
      throw new SystemError(
        "CYG_KERNEL_ROUTE",
        "RTM_NEWROUTE",
        "ENODEV",
        `unable to install route: there is no interface ${interfaceName}`,
      );
    const own: OwnRoute = { family: source.family, destination, prefix, via: { gateway, source, interfaceIndex: found.index } };
    this.#routes.add(own);
    this.#added.push({ route, own });
  }

  /** @throws {SystemError} CYG_KERNEL_ROUTE */
  deleteRoute(route: KernelRoute): void {
    const at = this.#added.findIndex(({ route: other }) => isSameRoute(other, route));
    if (at < 0) return;
    const { own } = this.#added[at]!;
    this.#added.splice(at, 1);
    this.#routes.delete(own);
  }

  // --- for the policies of this plugin ---

  /** Undefined where there is no route. */
  nextHop(destination: Host): NextHop | undefined {
    const route = this.#lookup.find(destination);
    return route && { gateway: route.gateway ?? destination, interfaceIndex: route.interfaceIndex };
  }

  /** Index of an interface that has the address, whether it may be used or not. */
  indexOf(address: Host): number | undefined {
    return this.#interfaces.with(address)?.index;
  }

  /** Index of an interface by its name. */
  interfaceIndex(name: string): number | undefined {
    return this.#interfaces.byName(name)?.index;
  }

  /** An address of this host in the range: that one if it is, else any, virtual ones included. */
  addressWithin(range: TrafficRange, preferred: Host): Host | undefined {
    if (isWithin(preferred, range)) return preferred;
    for (const found of this.#interfaces.all()) {
      if (!isUp(found)) continue;
      const within = found.addresses.find(({ host }) => isWithin(host, range));
      if (within) return within.host;
    }
    return undefined;
  }

  isVirtual(address: Host): boolean {
    return this.#virtualIps.has(address);
  }

  get routes(): RouteTable {
    return this.#routes;
  }

  close(): void {
    this.#roam.close();
    this.#rules.remove();
    this.#events.close();
    this.#requests.close();
  }

  #addressOf(found: Interface, family: 4 | 6): Host | undefined {
    const usable = found.addresses.filter(
      (address) => address.host.family === family && isUsable(address) && !this.#virtualIps.has(address.host),
    );
    const { preferTemporary } = this.#options;
    return (usable.find((address) => isTemporary(address) === preferTemporary) ?? usable[0])?.host;
  }

  #isUsableInterface(found: Interface | undefined): boolean {
    return found !== undefined && this.#options.isInterfaceUsable(found.name);
  }

  #receive(message: MessageReader): void {
    const { roamOn } = this.#options;
    switch (message.type as RouteMessage) {
      case RouteMessage.NEWROUTE:
      case RouteMessage.DELROUTE:
        if (roamOn.any && this.#isForeignRoute(message)) this.#roam.changed(false);
        return;
      case RouteMessage.NEWRULE:
      case RouteMessage.DELRULE:
        if (roamOn.any) this.#roam.changed(false);
        return;
      default:
        if (this.#interfaces.update(message) && roamOn.any) this.#roam.changed(true);
    }
  }

  /** Not one of ours, nor a cached one. */
  #isForeignRoute(message: MessageReader): boolean {
    const family = familyOf(message.u8(0));
    if (!family) return false;
    const { table, type, flags } = readAnyRoute(message, family);
    return table !== this.#options.table && type === RTN_UNICAST && (flags & RTM_F_CLONED) === 0;
  }

  #reload(): void {
    this.#options.log.log(LogGroup.KNL, 1, "events of the kernel were lost, reading addresses anew");
    this.#interfaces.load();
    if (this.#options.roamOn.any) this.#roam.changed(true);
  }
}

function isSameRoute(a: KernelRoute, b: KernelRoute): boolean {
  const isSameDestination = a.prefix === b.prefix && a.destination.every((octet, i) => octet === b.destination[i]);
  return isSameDestination && a.interfaceName === b.interfaceName && a.source.sameAddress(b.source);
}
