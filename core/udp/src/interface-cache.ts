import { System } from "@cygnet/native";
import type { Host } from "@cygnet/plugin-api";

/**
 * The interface of each of our addresses, for `set_sourceif`.
 *
 * Asking the kernel lists all interfaces, so an address is asked for once per turn at most. Not longer, because addresses move.
 */
export class InterfaceCache {
  readonly #lookup: (address: Uint8Array) => number;
  readonly #indices = new Map<string, number>();

  constructor(lookup?: (address: Uint8Array) => number) {
    const system = lookup === undefined ? new System() : undefined;
    this.#lookup = lookup ?? ((address) => system!.interfaceIndexOf(address));
  }

  /** 0 when no interface has the address. */
  indexOf(address: Host): number {
    const key = address.toString();
    let index = this.#indices.get(key);
    if (index === undefined) this.#indices.set(key, (index = this.#lookup(address.address)));
    return index;
  }

  /** The turn is over. */
  clear(): void {
    if (this.#indices.size > 0) this.#indices.clear();
  }
}
