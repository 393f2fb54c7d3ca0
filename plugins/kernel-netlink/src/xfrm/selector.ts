import type { TrafficRange } from "@cygnet/plugin-api";
import { AF_INET, AF_INET6 } from "../netlink/constants.js";
import type { MessageReader } from "../netlink/message-reader.js";
import type { MessageWriter } from "../netlink/message-writer.js";

const ICMP = 1;
const ICMPV6 = 58;
const ALL_PORTS = 0xffff;

/** One side of a selector of the kernel: a subnet, and ports by value and mask. */
export interface SelectorSide {
  readonly address: Uint8Array;
  readonly prefix: number;
  readonly port: number;
  readonly portMask: number;
}

/** What the kernel selects traffic by, struct xfrm_selector. */
export interface Selector {
  readonly family: 4 | 6;
  /** IP protocol, 0 for any. */
  readonly protocol: number;
  readonly source: SelectorSide;
  readonly destination: SelectorSide;
  /** Of the only interface that it is for; left out for any. */
  readonly interfaceIndex?: number;
}

/**
 * The selector of traffic from one range to another. Where a range is no subnet, or its ports are no block of a power of two, it is the smallest
 * one that holds it all.
 */
export function selectorOf(source: TrafficRange, destination: TrafficRange): Selector {
  const protocol = source.protocol || destination.protocol;
  const [sourcePorts, destinationPorts] = isIcmp(protocol)
    ? icmpPorts(source, destination)
    : [portsOf(source), portsOf(destination)];
  return {
    family: source.family,
    protocol,
    source: { ...subnetOf(source), ...sourcePorts },
    destination: { ...subnetOf(destination), ...destinationPorts },
  };
}

/** @param at where it is in the structure */
export function putSelector(writer: MessageWriter, at: number, selector: Selector): void {
  const { family, protocol, source, destination, interfaceIndex = 0 } = selector;
  writer.bytes(at, destination.address);
  writer.bytes(at + 16, source.address);
  writer.be16(at + 32, destination.port);
  writer.be16(at + 34, destination.portMask);
  writer.be16(at + 36, source.port);
  writer.be16(at + 38, source.portMask);
  writer.u16(at + 40, family === 4 ? AF_INET : AF_INET6);
  writer.u8(at + 42, destination.prefix);
  writer.u8(at + 43, source.prefix);
  writer.u8(at + 44, protocol);
  writer.u32(at + 48, interfaceIndex);
}

/** @returns undefined for one of another family than IPv4 and IPv6, or with an impossible prefix */
export function readSelector(reader: MessageReader, at: number): Selector | undefined {
  const number = reader.u16(at + 40);
  if (number !== AF_INET && number !== AF_INET6) return undefined;
  const family = number === AF_INET ? 4 : 6;
  const octets = family === 4 ? 4 : 16;
  const side = (address: number, port: number, prefix: number): SelectorSide => ({
    address: reader.bytes(at + address, octets),
    prefix: reader.u8(at + prefix),
    port: reader.be16(at + port),
    portMask: reader.be16(at + port + 2),
  });
  const destination = side(0, 32, 42);
  const source = side(16, 36, 43);
  if (destination.prefix > octets * 8 || source.prefix > octets * 8) return undefined;
  const interfaceIndex = reader.u32(at + 48);
  return { family, protocol: reader.u8(at + 44), source, destination, ...(interfaceIndex !== 0 && { interfaceIndex }) };
}

/** The traffic of both sides, as an acquire tells it. ICMP has type and code on both, as traffic selectors have (RFC 7296 section 3.13.1). */
export function rangesOf(selector: Selector): { readonly source: TrafficRange; readonly destination: TrafficRange } {
  const { family, protocol, source, destination } = selector;
  const range = ({ address, prefix }: SelectorSide, ports: PortRange): TrafficRange => {
    const startAddress = address.slice();
    const endAddress = address.slice();
    for (let i = 0; i < startAddress.length; i++) {
      const host = hostBits(prefix, i);
      startAddress[i]! &= ~host;
      endAddress[i]! |= host;
    }
    return { family, protocol, startAddress, endAddress, ...ports };
  };
  if (!isIcmp(protocol))
    return { source: range(source, portRange(source)), destination: range(destination, portRange(destination)) };
  const code = destination.portMask === 0 ? 0 : destination.port;
  const port = (source.port << 8) | code;
  const ports = source.portMask === 0 ? { startPort: 0, endPort: ALL_PORTS } : { startPort: port, endPort: port };
  return { source: range(source, ports), destination: range(destination, ports) };
}

type PortRange = Pick<TrafficRange, "startPort" | "endPort">;

function portRange({ port, portMask }: SelectorSide): PortRange {
  const startPort = port & portMask;
  return { startPort, endPort: startPort | (~portMask & ALL_PORTS) };
}

const isIcmp = (protocol: number): boolean => protocol === ICMP || protocol === ICMPV6;

/** Which bits of the octet at `index` are beyond a prefix. */
const hostBits = (prefix: number, index: number): number => 0xff >> Math.max(0, Math.min(8, prefix - index * 8));

function subnetOf({ startAddress, endAddress }: TrafficRange): Pick<SelectorSide, "address" | "prefix"> {
  let prefix = 0;
  while (prefix < startAddress.length * 8) {
    const differing = (startAddress[prefix >> 3]! ^ endAddress[prefix >> 3]!) & (0x80 >> (prefix & 7));
    if (differing !== 0) break;
    prefix++;
  }
  const address = startAddress.slice();
  for (let i = 0; i < address.length; i++) address[i]! &= ~hostBits(prefix, i);
  return { address, prefix };
}

function portsOf({ startPort, endPort }: TrafficRange): Pick<SelectorSide, "port" | "portMask"> {
  // OPAQUE ports, which the kernel knows nothing of.
  if (startPort > endPort) return { port: 0, portMask: 0 };
  const differing = startPort ^ endPort;
  const portMask = differing === 0 ? ALL_PORTS : ALL_PORTS & ~((1 << (32 - Math.clz32(differing))) - 1);
  return { port: startPort & portMask, portMask };
}

/** The kernel wants the ICMP type as the source port and the code as the destination port, whichever side has them. */
function icmpPorts(source: TrafficRange, destination: TrafficRange): [Ports, Ports] {
  const any = { port: 0, portMask: 0 };
  const side = hasPorts(source) ? source : hasPorts(destination) ? destination : undefined;
  if (!side) return [any, any];
  const { startPort, endPort } = side;
  const isOneType = startPort >> 8 === endPort >> 8;
  if (!isOneType) return [any, any];
  const type = { port: startPort >> 8, portMask: ALL_PORTS };
  const code = startPort & 0xff;
  // A selector without a code means all codes, and prints as code 0.
  const isAnyCode = startPort !== endPort || code === 0;
  return [type, isAnyCode ? any : { port: code, portMask: ALL_PORTS }];
}

type Ports = Pick<SelectorSide, "port" | "portMask">;

const hasPorts = ({ startPort, endPort }: TrafficRange): boolean =>
  startPort <= endPort && !(startPort === 0 && endPort === ALL_PORTS);
