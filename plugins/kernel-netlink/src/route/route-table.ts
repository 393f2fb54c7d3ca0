import { SystemError, formatAddress } from "@cygnet/plugin-api";
import type { Host } from "@cygnet/plugin-api";
import { familyNumber } from "../netlink/addresses.js";
import { NLM_F_CREATE, NLM_F_REPLACE } from "../netlink/constants.js";
import type { MessageWriter } from "../netlink/message-writer.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import {
  ROUTE_BYTES,
  RouteMessage,
  RT_SCOPE_UNIVERSE,
  RTA_DST,
  RTA_GATEWAY,
  RTA_METRICS,
  RTA_OIF,
  RTA_PREFSRC,
  RTA_TABLE,
  RTAX_ADVMSS,
  RTAX_MTU,
  RTN_THROW,
  RTN_UNICAST,
  RTPROT_STATIC,
} from "./constants.js";

/** A route of ours. One that `throws` has its destination looked for in the other tables. */
export interface OwnRoute {
  readonly family: 4 | 6;
  readonly destination: Uint8Array;
  readonly prefix: number;
  readonly via: RouteVia | "throw";
}

export interface RouteVia {
  readonly gateway: Host | undefined;
  readonly source: Host;
  readonly interfaceIndex: number;
}

/** Has packets look into the table. */
export interface TableRules {
  ensure(): void;
}

/** How our routes are. */
export interface RouteTableOptions {
  readonly table: number;
  /** MTU and maximum segment size of the routes, 0 for none. */
  readonly mtu: number;
  readonly mss: number;
  readonly rules: TableRules;
}

/** Our routes, in a table of their own. Several may want one to the same destination; the table has the newest of them. */
export class RouteTable {
  readonly #users = new Map<string, OwnRoute[]>();

  constructor(
    private readonly requests: NetlinkRequests,
    private readonly options: RouteTableOptions,
  ) {}

  /** @throws {SystemError} CYG_KERNEL_ROUTE; nothing has changed then */
  add(route: OwnRoute): void {
    const key = describe(route);
    this.options.rules.ensure();
    this.#install(route, key);
    const users = this.#users.get(key);
    if (users) users.unshift(route);
    else this.#users.set(key, [route]);
  }

  /** Takes away a route that was added: the same object. @throws {SystemError} CYG_KERNEL_ROUTE */
  delete(route: OwnRoute): void {
    const key = describe(route);
    if (!this.forget(route)) return;
    const next = this.#users.get(key)?.[0];
    if (next) return this.#install(next, key);
    this.#put(this.requests.begin(RouteMessage.DELROUTE, 0, ROUTE_BYTES), route);
    this.requests.run();
    const refusal = this.requests.refusal();
    // With its interface or its source address it has gone by itself.
    if (refusal !== undefined && refusal !== "ESRCH" && refusal !== "ENODEV")
      throw this.#refused("RTM_DELROUTE", `unable to delete route to ${key}`);
  }

  /** As `delete`, but the kernel keeps it. @returns whether it is the one that the kernel has, or had */
  forget(route: OwnRoute): boolean {
    const key = describe(route);
    const users = this.#users.get(key);
    const at = users?.indexOf(route) ?? -1;
    if (!users || at < 0) return false;
    users.splice(at, 1);
    if (users.length === 0) this.#users.delete(key);
    return at === 0;
  }

  #install(route: OwnRoute, key: string): void {
    this.#put(this.requests.begin(RouteMessage.NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, ROUTE_BYTES), route);
    this.requests.run();
    if (this.requests.refusal() !== undefined) throw this.#refused("RTM_NEWROUTE", `unable to install route to ${key}`);
  }

  #put(writer: MessageWriter, { family, destination, prefix, via }: OwnRoute): void {
    const { table } = this.options;
    writer.u8(0, familyNumber(family));
    writer.u8(1, prefix);
    // Numbers of more than 8 bits are in the attribute alone.
    writer.u8(4, table < 256 ? table : 0);
    writer.u8(5, RTPROT_STATIC);
    writer.u8(6, RT_SCOPE_UNIVERSE);
    writer.u8(7, via === "throw" ? RTN_THROW : RTN_UNICAST);
    writer.bytesAttribute(RTA_DST, destination);
    writer.u32Attribute(RTA_TABLE, table);
    if (via === "throw") return;
    if (via.gateway) writer.bytesAttribute(RTA_GATEWAY, via.gateway.address);
    writer.bytesAttribute(RTA_PREFSRC, via.source.address);
    writer.u32Attribute(RTA_OIF, via.interfaceIndex);
    this.#putMetrics(writer);
  }

  /** Attributes in an attribute. */
  #putMetrics(writer: MessageWriter): void {
    const metrics = [
      { type: RTAX_MTU, value: this.options.mtu },
      { type: RTAX_ADVMSS, value: this.options.mss },
    ].filter(({ value }) => value > 0);
    if (metrics.length === 0) return;
    writer.attribute(RTA_METRICS, metrics.length * 8);
    metrics.forEach(({ type, value }, i) => {
      writer.u16(i * 8, 8);
      writer.u16(i * 8 + 2, type);
      writer.u32(i * 8 + 4, value);
    });
    writer.end();
  }

  #refused(message: string, what: string): SystemError {
    const text = `${what} in table ${this.options.table}: received netlink error ${this.requests.refusalText()}`;
    return new SystemError("CYG_KERNEL_ROUTE", message, this.requests.refusal() ?? "EIO", text);
  }
}

const describe = ({ destination, prefix }: OwnRoute): string => `${formatAddress(destination)}/${prefix}`;
