/**
 * Names of IP protocols and services, as `leftprotoport` may use them.
 */

import { readFileSync } from "node:fs";

/** Looks names up; numbers are the caller's business. */
export interface NameDatabase {
  /** IP protocol number, or `undefined` for an unknown name. */
  protocol(name: string): number | undefined;
  /** Port of a service of any transport, or `undefined`. */
  service(name: string): number | undefined;
}

/** What every system knows; stands in where /etc/protocols or /etc/services does not exist, as in containers. */
const PROTOCOLS: readonly [string, number][] = [
  ["ip", 0],
  ["icmp", 1],
  ["igmp", 2],
  ["tcp", 6],
  ["udp", 17],
  ["dccp", 33],
  ["gre", 47],
  ["esp", 50],
  ["ah", 51],
  ["ipv6-icmp", 58],
  ["icmpv6", 58],
  ["ospf", 89],
  ["pim", 103],
  ["vrrp", 112],
  ["l2tp", 115],
  ["sctp", 132],
  ["udplite", 136],
];
const SERVICES: readonly [string, number][] = [
  ["ftp", 21],
  ["ssh", 22],
  ["telnet", 23],
  ["smtp", 25],
  ["domain", 53],
  ["bootps", 67],
  ["bootpc", 68],
  ["http", 80],
  ["ntp", 123],
  ["snmp", 161],
  ["bgp", 179],
  ["ldap", 389],
  ["https", 443],
  ["isakmp", 500],
  ["syslog", 514],
  ["l2tp", 1701],
  ["radius", 1812],
];

/** The system's tables where they exist, else the common names. Files are read once, at the first name that is looked up. */
export function systemNames(protocolsFile = "/etc/protocols", servicesFile = "/etc/services"): NameDatabase {
  let protocols: Map<string, number> | undefined;
  let services: Map<string, number> | undefined;
  return {
    protocol: (name) => (protocols ??= readTable(protocolsFile, PROTOCOLS)).get(name),
    service: (name) => (services ??= readTable(servicesFile, SERVICES)).get(name),
  };
}

/** Lines of `name number[/transport] alias...`; the first entry of a name wins, as in the C library. */
function readTable(file: string, common: readonly [string, number][]): Map<string, number> {
  const table = new Map<string, number>();
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // No such table on this system: the common names remain.
  }
  for (const line of text.split("\n")) {
    const [name, number, ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    const value = Number.parseInt(number ?? "", 10);
    if (Number.isNaN(value)) continue;
    for (const alias of [name, ...aliases]) if (!table.has(alias)) table.set(alias, value);
  }
  for (const [name, value] of common) if (!table.has(name)) table.set(name, value);
  return table;
}
