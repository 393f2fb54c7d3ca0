import { Host } from "@cygnet/plugin-api";
import type { TrafficRange } from "@cygnet/plugin-api";

export interface Subnet {
  readonly address: Uint8Array;
  readonly prefix: number;
}

/** `10.1.0.0/16` */
export function subnetText({ address, prefix }: Subnet): string {
  const host = Host.fromOctets(address);
  return `${host.isAny ? (host.family === 4 ? "0.0.0.0" : "::") : host}/${prefix}`;
}

/** The smallest subnet that holds a range: routes have no other. */
export function enclosingSubnet({ startAddress, endAddress }: TrafficRange): Subnet {
  let prefix = 0;
  while (prefix < startAddress.length * 8 && bit(startAddress, prefix) === bit(endAddress, prefix)) prefix++;
  const address = startAddress.map((octet, i) => octet & (0xff00 >> Math.max(0, Math.min(8, prefix - 8 * i))));
  return { address, prefix };
}

/** Whether an address of the same family is in a range. */
export function holds({ startAddress, endAddress }: TrafficRange, address: Uint8Array): boolean {
  return compare(startAddress, address) <= 0 && compare(address, endAddress) <= 0;
}

function bit(octets: Uint8Array, at: number): number {
  return (octets[at >> 3]! >> (7 - (at & 7))) & 1;
}

function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
