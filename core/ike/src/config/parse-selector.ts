import { Host } from "@cygnet/plugin-api";
import { nameTables } from "./service-names.js";
import { ANY_PORTS, MAX_PORT, TrafficSelector } from "./traffic-selector.js";
import type { SelectorPorts } from "./traffic-selector.js";

const MAX_PROTOCOL = 255;
const ICMP = 1;
const ICMPV6 = 58;

/** See `TrafficSelector.parse`. */
export function parseSelector(text: string): TrafficSelector | undefined {
  const match = /^\s*([^[\]\s]*)\s*(?:\[([^[\]]*)\])?\s*$/.exec(text);
  if (!match) return undefined;
  const ports = match[2] === undefined ? ANY_PORTS : parsePorts(match[2].trim());
  if (!ports) return undefined;
  const addresses = match[1]!;
  if (addresses === "dynamic" || addresses === "%dynamic" || (addresses === "" && match[2] !== undefined))
    return TrafficSelector.dynamic(ports);
  return parseAddresses(addresses, ports);
}

function parseAddresses(text: string, ports: SelectorPorts): TrafficSelector | undefined {
  const range = /^(.+?)(?:-|\.\.)(.+)$/.exec(text);
  if (range) {
    const start = numeric(range[1]!);
    const end = numeric(range[2]!);
    return start && end ? TrafficSelector.range(start.address, end.address, ports) : undefined;
  }
  const [address, prefixText, ...more] = text.split("/");
  const host = numeric(address!);
  if (!host || more.length > 0) return undefined;
  if (prefixText === undefined) return TrafficSelector.ofHost(host, ports);
  const prefix = integer(prefixText, host.address.length * 8);
  return prefix === undefined ? undefined : TrafficSelector.subnet(host.address, prefix, ports);
}

/** `%any` is no address of a selector: `0.0.0.0/0` or `::/0` says which family. */
function numeric(text: string): Host | undefined {
  return text.startsWith("%") ? undefined : Host.parse(text);
}

/**
 * Reads `proto`, `proto/port`, `/port`; protocols and ports by number or name, `%any` or `any` for all, ports also `%opaque` and `a-b`.
 * @returns undefined when it is none of these
 */
function parsePorts(text: string): SelectorPorts | undefined {
  const slash = text.indexOf("/");
  const protocol = parseProtocol((slash < 0 ? text : text.slice(0, slash)).trim());
  if (protocol === undefined) return undefined;
  const portText = slash < 0 ? "%any" : text.slice(slash + 1).trim();
  if (isAny(portText)) return { protocol, startPort: 0, endPort: MAX_PORT };
  if (portText === "%opaque" || portText === "opaque" || portText === "OPAQUE")
    return { protocol, startPort: MAX_PORT, endPort: 0 };
  // A service name may have a dash, so the whole is looked up first.
  const single = parsePort(portText, protocol);
  if (single !== undefined) return { protocol, startPort: single, endPort: single };
  for (let dash = portText.indexOf("-"); dash >= 0; dash = portText.indexOf("-", dash + 1)) {
    const startPort = parsePort(portText.slice(0, dash).trim(), protocol);
    const endPort = parsePort(portText.slice(dash + 1).trim(), protocol);
    if (startPort !== undefined && endPort !== undefined)
      return startPort > endPort ? undefined : { protocol, startPort, endPort };
  }
  return undefined;
}

function parseProtocol(text: string): number | undefined {
  if (isAny(text)) return 0;
  return integer(text, MAX_PROTOCOL) ?? nameTables().protocols.get(text.toLowerCase());
}

/** A port; for ICMP also what printing makes of one: `8(5)`. */
function parsePort(text: string, protocol: number): number | undefined {
  const number = integer(text, MAX_PORT);
  if (number !== undefined) return number;
  const icmp = protocol === ICMP || protocol === ICMPV6 ? /^(\d{1,3})\((\d{1,3})\)$/.exec(text) : null;
  if (icmp && Number(icmp[1]) < 256 && Number(icmp[2]) < 256) return (Number(icmp[1]) << 8) | Number(icmp[2]);
  return nameTables().services.get(text.toLowerCase());
}

function isAny(text: string): boolean {
  return text === "" || text === "any" || text === "%any";
}

/** Decimal digits up to a maximum. */
function integer(text: string, max: number): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}
