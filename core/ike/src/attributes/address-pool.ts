import { Host } from "@cygnet/plugin-api";
import type { Lease, PoolStatus } from "@cygnet/plugin-api";
import { LeaseList, PoolLease } from "./lease-list.js";
import { addOffset, offsetOf } from "./pool-range.js";
import type { PoolRange } from "./pool-range.js";

/** What an address came from. */
export type Acquired = "existing" | "new" | "reassigned";

/** An address and how it was found; `formerIdentity` is who had it before it was reassigned. */
export interface Acquisition {
  readonly address: Host;
  readonly how: Acquired;
  readonly formerIdentity: string | undefined;
}

/**
 * A pool of addresses in memory, proportional to the leases, not to the size of the pool. Every operation takes constant time, on the
 * average over the addresses handed out.
 *
 * A lease that ends stays with its identity, offline, until the pool has no fresh address left. An identity may have several leases online.
 */
export class AddressPool {
  readonly #leases = new Map<number, PoolLease>();
  /** Offline leases of an identity, each at its `place`. Identities without any are not in it. */
  readonly #offlineOf = new Map<string, PoolLease[]>();
  readonly #offline = new LeaseList();
  /** Addresses from here on may be fresh; all before are leased. */
  #frontier = 0;

  constructor(
    readonly name: string,
    readonly range: PoolRange,
  ) {}

  get size(): number {
    return this.range.size;
  }

  get online(): number {
    return this.#leases.size - this.#offline.length;
  }

  get offline(): number {
    return this.#offline.length;
  }

  get base(): Host {
    return new Host(this.range.family, this.range.base, 0);
  }

  /** Whether a request can be for this pool at all: of its family, if it says so. */
  serves(requested: Host): boolean {
    return this.range.grantsAll ? !requested.isAny : this.range.size > 0 && requested.family === this.range.family;
  }

  /** An offline lease of the identity: the requested address if it is one, else any. */
  acquireExisting(identity: string, requested: Host, ikeSaId = 0): Acquisition | undefined {
    if (!this.serves(requested)) return undefined;
    // Nothing to remember: these addresses are not ours to give, only to let pass.
    if (this.range.grantsAll) return { address: requested.withPort(0), how: "existing", formerIdentity: undefined };
    const own = this.#offlineOf.get(identity);
    if (!own) return undefined;
    const wanted = requested.isAny ? undefined : this.#leases.get(this.#offset(requested));
    const lease = wanted !== undefined && !wanted.online && wanted.identity === identity ? wanted : own.at(-1)!;
    this.#goOnline(lease, ikeSaId);
    return this.#acquisition(lease, "existing");
  }

  /** An address that nobody had: the requested one if it is such, else the lowest. */
  acquireNew(identity: string, requested: Host, ikeSaId = 0): Acquisition | undefined {
    if (!this.serves(requested) || this.range.grantsAll) return undefined;
    let offset = requested.isAny ? -1 : this.#offset(requested);
    if (offset < 0 || this.#leases.has(offset)) offset = this.#freshOffset();
    if (offset < 0) return undefined;
    const lease = new PoolLease(offset, identity, ikeSaId);
    this.#leases.set(offset, lease);
    return this.#acquisition(lease, "new");
  }

  /** An offline lease of another identity: the one that is offline longest. */
  acquireOffline(identity: string, requested: Host, ikeSaId = 0): Acquisition | undefined {
    if (!this.serves(requested)) return undefined;
    const lease = this.#offline.first;
    if (!lease) return undefined;
    const formerIdentity = lease.identity;
    this.#goOnline(lease, ikeSaId);
    lease.identity = identity;
    return this.#acquisition(lease, "reassigned", formerIdentity);
  }

  /** Takes a lease offline. @returns whether the identity had it online */
  release(identity: string, address: Host): boolean {
    const lease = this.#leases.get(this.#offset(address));
    if (!lease?.online || lease.identity !== identity) return false;
    this.#goOffline(lease);
    return true;
  }

  /** Takes all leases offline that IKE_SAs had which are gone without giving them back. @returns how many */
  releaseLost(isLost: (ikeSaId: number) => boolean): number {
    let count = 0;
    for (const lease of this.#leases.values()) {
      if (!lease.online || !isLost(lease.ikeSaId)) continue;
      this.#goOffline(lease);
      count++;
    }
    return count;
  }

  status(): PoolStatus {
    return { name: this.name, base: this.base.toString(), size: this.size, online: this.online, offline: this.offline };
  }

  /** All leases, in the order in which their addresses were first handed out. */
  *leases(): Iterable<Lease> {
    for (const lease of this.#leases.values()) {
      const address = this.#host(lease).toString();
      yield { pool: this.name, address, identity: lease.identity, online: lease.online };
    }
  }

  #goOffline(lease: PoolLease): void {
    lease.online = false;
    this.#offline.append(lease);
    const own = this.#offlineOf.get(lease.identity);
    if (own) lease.place = own.push(lease) - 1;
    else {
      lease.place = 0;
      this.#offlineOf.set(lease.identity, [lease]);
    }
  }

  #goOnline(lease: PoolLease, ikeSaId: number): void {
    this.#offline.remove(lease);
    lease.online = true;
    lease.ikeSaId = ikeSaId;
    const own = this.#offlineOf.get(lease.identity)!;
    const last = own.pop()!;
    if (last !== lease) {
      own[lease.place] = last;
      last.place = lease.place;
    }
    if (own.length === 0) this.#offlineOf.delete(lease.identity);
  }

  /** The lowest address without a lease, -1 when there is none. Leases are never dropped, so this only moves forward. */
  #freshOffset(): number {
    if (this.#leases.size >= this.size) return -1;
    while (this.#leases.has(this.#frontier)) this.#frontier++;
    return this.#frontier;
  }

  /** Place of an address in the pool, -1 outside of it. */
  #offset(address: Host): number {
    const offset = offsetOf(this.range.base, address.address);
    return offset >= 0 && offset < this.size ? offset : -1;
  }

  #host(lease: PoolLease): Host {
    return new Host(this.range.family, addOffset(this.range.base, lease.offset), 0);
  }

  #acquisition(lease: PoolLease, how: Acquired, formerIdentity?: string): Acquisition {
    return { address: this.#host(lease), how, formerIdentity };
  }
}
