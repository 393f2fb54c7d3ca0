import { formatAddress } from "@cygnet/plugin-api";
import { nameTables } from "./service-names.js";
import type { TrafficSelector } from "./traffic-selector.js";

const ICMP = 1;
const ICMPV6 = 58;

/** See `TrafficSelector.toString`. */
export function printSelector(ts: TrafficSelector): string {
  return `${printAddresses(ts)}${printPorts(ts)}`;
}

/** A list as log lines and status output have it: joined by blanks. */
export function printSelectors(list: readonly TrafficSelector[]): string {
  return list.join(" ");
}

function printAddresses(ts: TrafficSelector): string {
  if (ts.isDynamic) return "dynamic";
  const { prefix } = ts;
  return prefix >= 0
    ? `${formatAddress(ts.startAddress)}/${prefix}`
    : `${formatAddress(ts.startAddress)}..${formatAddress(ts.endAddress)}`;
}

function printPorts(ts: TrafficSelector): string {
  if (ts.isAnyTraffic) return "";
  const { protocol, startPort, endPort } = ts;
  const known = protocol === 0 ? undefined : nameTables().protocolNames.get(protocol);
  const name = known ?? String(protocol);
  if (ts.isAnyPort) return `[${name}]`;
  if (ts.isOpaque) return `[${name}/OPAQUE]`;
  if (protocol === ICMP || protocol === ICMPV6) {
    const first = printIcmp(startPort);
    return `[${name}/${startPort === endPort ? first : `${first}-${printIcmp(endPort)}`}]`;
  }
  if (startPort !== endPort) return `[${name}/${startPort}-${endPort}]`;
  // Services of protocols that have no name are taken from any protocol that has the port.
  const service = nameTables().serviceNames.get(((known ? protocol : 0) << 16) | startPort);
  return `[${name}/${service ?? startPort}]`;
}

/** Type, and code unless zero. */
function printIcmp(port: number): string {
  const code = port & 0xff;
  return code === 0 ? `${port >> 8}` : `${port >> 8}(${code})`;
}
