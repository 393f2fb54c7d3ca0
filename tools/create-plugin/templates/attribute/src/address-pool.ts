import { Host } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, AttributeProvider } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";

/** What a pool has. */
export interface PoolOptions {
  readonly name: string;
  readonly first: Host;
  readonly size: number;
  readonly dns?: Host | undefined | "";
}

/**
 * Addresses in memory. Each method may as well return a promise: the peer that asked waits then, and nobody else, so that a database or an HTTP
 * service can take the place of this.
 */
export class AddressPool implements AttributeProvider {
  /** Whose each address is. */
  readonly #owners = new Map<string, string>();

  constructor(private readonly options: PoolOptions) {}

  acquire({ pools, identity }: AttributeContext, requested: Host): Host | undefined {
    if (!pools.includes(this.options.name) || requested.family !== 4) return undefined;
    const candidates = this.#has(requested) ? [requested] : [];
    for (let i = 0; i < this.options.size; i++) candidates.push(this.#at(i));
    const address = candidates.find((candidate) => !this.#owners.has(String(candidate)));
    if (address) this.#owners.set(String(address), identity);
    return address;
  }

  release(_context: AttributeContext, address: Host): boolean {
    return this.#owners.delete(String(address));
  }

  attributes({ pools }: AttributeContext, virtualIps: readonly Host[]): readonly Attribute[] {
    const { name, dns } = this.options;
    if (!dns || virtualIps.length === 0 || !pools.includes(name)) return [];
    return [{ type: ConfigAttributeType.INTERNAL_IP4_DNS, value: dns.address }];
  }

  #at(index: number): Host {
    const octets = this.options.first.address.slice();
    const view = new DataView(octets.buffer);
    view.setUint32(0, view.getUint32(0) + index);
    return Host.fromOctets(octets);
  }

  #has({ family, address }: Host): boolean {
    if (family !== 4) return false;
    const numberOf = (octets: Uint8Array): number => new DataView(octets.slice().buffer).getUint32(0);
    const index = numberOf(address) - numberOf(this.options.first.address);
    return index >= 0 && index < this.options.size;
  }
}
