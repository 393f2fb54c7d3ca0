import type { Lease, PoolStatus } from "@cygnet/plugin-api";

const ADDRESS_COLUMNS = 15;

/** `Leases in pool '10.3.0.0/24', usage: 1/254, 1 online` */
export function poolLine({ name, size, online, offline }: PoolStatus): string {
  return `Leases in pool '${name}', usage: ${online + offline}/${size}, ${online} online`;
}

/** `         10.3.0.1   online   'moon.example.org'` */
export function leaseLine({ address, identity, online }: Lease): string {
  return `  ${address.padStart(ADDRESS_COLUMNS)}   ${online ? "online" : "offline"}   '${identity}'`;
}
