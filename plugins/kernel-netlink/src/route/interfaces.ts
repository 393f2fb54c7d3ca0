import type { Host, TrafficRange } from "@cygnet/plugin-api";
import { familyOf, readHost } from "../netlink/addresses.js";
import { NLM_F_DUMP } from "../netlink/constants.js";
import type { MessageReader } from "../netlink/message-reader.js";
import type { NetlinkRequests } from "../netlink/netlink-requests.js";
import {
  ADDRESS_BYTES,
  IFA_ADDRESS,
  IFA_F_DADFAILED,
  IFA_F_DEPRECATED,
  IFA_F_TEMPORARY,
  IFA_F_TENTATIVE,
  IFA_FLAGS,
  IFA_LOCAL,
  IFF_LOOPBACK,
  IFF_UP,
  IFLA_IFNAME,
  LINK_BYTES,
  RouteMessage,
} from "./constants.js";

/** An address of this host. */
export interface InterfaceAddress {
  readonly host: Host;
  readonly prefix: number;
  /** IFA_F_* */
  readonly flags: number;
  /** RT_SCOPE_* */
  readonly scope: number;
}

/** An interface with its addresses, in the order that they were added. */
export interface Interface {
  readonly index: number;
  readonly name: string;
  readonly flags: number;
  readonly addresses: InterfaceAddress[];
}

/** RT_SCOPE_LINK: such an address is of use on its link only. */
const SCOPE_LINK = 253;

/** The interfaces of this host, as the kernel lists them and then tells of changes. */
export class Interfaces {
  readonly #byIndex = new Map<number, Interface>();

  constructor(private readonly requests: NetlinkRequests) {}

  /** Reads all of them anew. @throws {SystemError} CYG_NETLINK_EXCHANGE */
  load(): void {
    this.#byIndex.clear();
    this.requests.begin(RouteMessage.GETLINK, NLM_F_DUMP, LINK_BYTES);
    this.requests.run((message) => this.update(message));
    this.requests.begin(RouteMessage.GETADDR, NLM_F_DUMP, ADDRESS_BYTES);
    this.requests.run((message) => this.update(message));
  }

  /** @returns whether anything is different now */
  update(message: MessageReader): boolean {
    switch (message.type as RouteMessage) {
      case RouteMessage.NEWLINK:
        return this.#addLink(message);
      case RouteMessage.DELLINK:
        return this.#byIndex.delete(message.i32(4));
      case RouteMessage.NEWADDR:
        return this.#addAddress(message);
      case RouteMessage.DELADDR:
        return this.#removeAddress(message);
      default:
        return false;
    }
  }

  byIndex(index: number): Interface | undefined {
    return this.#byIndex.get(index);
  }

  byName(name: string): Interface | undefined {
    for (const found of this.#byIndex.values()) if (found.name === name) return found;
    return undefined;
  }

  /** The one with this address. */
  with(address: Host): Interface | undefined {
    for (const found of this.#byIndex.values()) if (found.addresses.some(({ host }) => host.sameAddress(address))) return found;
    return undefined;
  }

  all(): Iterable<Interface> {
    return this.#byIndex.values();
  }

  #addLink(message: MessageReader): boolean {
    const index = message.i32(4);
    const flags = message.u32(8);
    const known = this.#byIndex.get(index);
    const name = message.find(IFLA_IFNAME, LINK_BYTES) ? message.text() : (known?.name ?? "");
    const changed = !known || known.name !== name || isUp(known) !== ((flags & IFF_UP) !== 0);
    this.#byIndex.set(index, { index, name, flags, addresses: known?.addresses ?? [] });
    return changed;
  }

  #addAddress(message: MessageReader): boolean {
    const read = readAddress(message);
    const found = read && this.#byIndex.get(read.index);
    if (!found) return false;
    const { address } = read;
    const at = found.addresses.findIndex(({ host }) => host.sameAddress(address.host));
    if (at < 0) {
      found.addresses.push(address);
      return true;
    }
    const before = found.addresses[at]!;
    found.addresses[at] = address;
    return isUsable(before) !== isUsable(address);
  }

  #removeAddress(message: MessageReader): boolean {
    const read = readAddress(message);
    const found = read && this.#byIndex.get(read.index);
    const at = found?.addresses.findIndex(({ host }) => host.sameAddress(read!.address.host)) ?? -1;
    if (at < 0) return false;
    found!.addresses.splice(at, 1);
    return true;
  }
}

export const isUp = ({ flags }: Interface): boolean => (flags & IFF_UP) !== 0;
export const isLoopback = ({ flags }: Interface): boolean => (flags & IFF_LOOPBACK) !== 0;

/** Fit to send from, beyond its own link. */
export const isUsable = ({ flags, scope }: InterfaceAddress): boolean =>
  (flags & (IFA_F_DADFAILED | IFA_F_TENTATIVE | IFA_F_DEPRECATED)) === 0 && scope < SCOPE_LINK;

export const isTemporary = ({ flags, host }: InterfaceAddress): boolean => host.family === 6 && (flags & IFA_F_TEMPORARY) !== 0;

/** Whether an address is in a range; ports are not looked at. */
export function isWithin({ family, address }: Host, range: TrafficRange): boolean {
  if (family !== range.family) return false;
  return compare(range.startAddress, address) <= 0 && compare(address, range.endAddress) <= 0;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** Of a point-to-point link, IFA_ADDRESS is the other end, and IFA_LOCAL ours. */
function readAddress(message: MessageReader): { readonly index: number; readonly address: InterfaceAddress } | undefined {
  const family = familyOf(message.u8(0));
  if (!family) return undefined;
  const octets = family === 4 ? 4 : 16;
  const [prefix, scope, index] = [message.u8(1), message.u8(3), message.u32(4)];
  let flags = message.u8(2);
  let host: Host | undefined;
  message.attributes(ADDRESS_BYTES);
  for (let type = message.nextAttribute(); type >= 0; type = message.nextAttribute()) {
    if (type === IFA_FLAGS) flags = message.u32(0);
    const isAddress = type === IFA_LOCAL || (type === IFA_ADDRESS && !host);
    if (isAddress && message.length === octets) host = readHost(message, 0, family);
  }
  return host && { index, address: { host, prefix, flags, scope } };
}
