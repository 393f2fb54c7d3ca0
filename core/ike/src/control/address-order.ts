import type { Host } from "@cygnet/plugin-api";

/** Orders addresses, IPv4 before IPv6. */
export function compareAddresses(a: Host, b: Host): number {
  if (a.family !== b.family) return a.family - b.family;
  for (let i = 0; i < a.address.length; i++) if (a.address[i] !== b.address[i]) return a.address[i]! - b.address[i]!;
  return 0;
}
