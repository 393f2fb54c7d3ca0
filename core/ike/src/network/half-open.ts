import type { Host } from "@cygnet/plugin-api";

/** Key of an address: a number for IPv4, so that the common case makes no text. */
function addressKey(host: Host): number | string {
  const a = host.address;
  if (a.length === 4) return ((a[0]! << 24) | (a[1]! << 16) | (a[2]! << 8) | a[3]!) >>> 0;
  return host.toString();
}

/**
 * Counts half-open IKE_SAs, as a whole and by the peer's address. A request counts from when it was let in, still queued, until its IKE_SA
 * is established or gone.
 */
export class HalfOpenCounts {
  readonly #byAddress = new Map<number | string, number>();
  #responder = 0;
  #initiator = 0;

  /** As responder. */
  get total(): number {
    return this.#responder;
  }

  /** In both roles. */
  get both(): number {
    return this.#responder + this.#initiator;
  }

  of(remote: Host): number {
    return this.#byAddress.get(addressKey(remote)) ?? 0;
  }

  enter(remote: Host): void {
    const key = addressKey(remote);
    this.#responder++;
    this.#byAddress.set(key, (this.#byAddress.get(key) ?? 0) + 1);
  }

  leave(remote: Host): void {
    const key = addressKey(remote);
    const count = this.#byAddress.get(key);
    if (count === undefined) return;
    this.#responder--;
    if (count === 1) this.#byAddress.delete(key);
    else this.#byAddress.set(key, count - 1);
  }

  initiated(delta: 1 | -1): void {
    this.#initiator += delta;
  }
}
