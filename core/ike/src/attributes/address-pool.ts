import { Host } from "@cygnet/plugin-api";
import type { Lease, PoolStatus } from "@cygnet/plugin-api";
import type { AddressRange } from "./attribute-change.js";
import { FreshAddresses } from "./fresh-addresses.js";
import { LeaseList, PoolLease } from "./lease-list.js";
import { addressAt, placeOf, rangeServes } from "./pool-range.js";
import type { PoolRange } from "./pool-range.js";

/** The most addresses that a shard gets at once. */
const MAX_GRANT = 256;
/** A shard gets at most this part of its share of what is left, so that shards which get more peers than others may have more. */
const GRANT_PART = 4;

/** What an address came from. */
export type Acquired = "existing" | "shared" | "new" | "reassigned";

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
 *
 * Shards may be granted fresh addresses, which they lease by themselves and tell later (`leased`). All else about leases is decided here.
 */
export class AddressPool {
  readonly #leases = new Map<number, PoolLease>();
  /** Offline leases of an identity, each at its `place`. Identities without any are not in it. */
  readonly #offlineOf = new Map<string, PoolLease[]>();
  readonly #offline = new LeaseList();
  readonly #fresh: FreshAddresses;

  constructor(
    readonly name: string,
    readonly range: PoolRange,
  ) {
    this.#fresh = new FreshAddresses(range.size, (offset) => this.#leases.has(offset));
  }

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
    return rangeServes(this.range, requested);
  }

  /** A lease of the identity: the requested address if it is one, be it online, else any that is offline. */
  acquireExisting(identity: string, requested: Host, ikeSaId = 0): Acquisition | undefined {
    if (!this.serves(requested)) return undefined;
    // Nothing to remember: these addresses are not ours to give, only to let pass.
    if (this.range.grantsAll) return { address: requested.withPort(0), how: "existing", formerIdentity: undefined };
    const asked = requested.isAny ? undefined : this.#leases.get(placeOf(this.range, requested));
    const wanted = asked?.identity === identity ? asked : undefined;
    if (wanted?.online) {
      wanted.share(ikeSaId);
      return this.#acquisition(wanted, "shared");
    }
    const lease = wanted ?? this.#offlineOf.get(identity)?.at(-1);
    if (!lease) return undefined;
    this.#goOnline(lease, ikeSaId);
    return this.#acquisition(lease, "existing");
  }

  /** An address that nobody had: the requested one if it is such, else the lowest. */
  acquireNew(identity: string, requested: Host, ikeSaId = 0): Acquisition | undefined {
    if (!this.serves(requested) || this.range.grantsAll) return undefined;
    let offset = requested.isAny ? -1 : placeOf(this.range, requested);
    if (offset < 0 || !this.#fresh.take(offset)) offset = this.#fresh.takeLowest();
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

  /** An IKE_SA gives a lease back. @returns whether the lease goes offline or another one has it still; undefined where the identity has it not */
  release(identity: string, address: Host, ikeSaId = 0): "offline" | "shared" | undefined {
    const lease = this.#leases.get(placeOf(this.range, address));
    if (!lease?.online || lease.identity !== identity) return undefined;
    if (lease.leave((holder) => holder === ikeSaId)) return "shared";
    this.#goOffline(lease);
    return "offline";
  }

  /** Takes all leases offline that IKE_SAs had which are gone without giving them back. @returns how many */
  releaseLost(isLost: (ikeSaId: number) => boolean): number {
    let count = 0;
    for (const lease of this.#leases.values()) {
      if (!lease.online || lease.leave(isLost)) continue;
      this.#goOffline(lease);
      count++;
    }
    return count;
  }

  // --- addresses with shards ---

  /** Whether every address was leased once. Leases are never dropped, so it stays that way. */
  get isSpent(): boolean {
    return this.#leases.size >= this.size;
  }

  /** The shards that have fresh addresses. */
  get holders(): readonly number[] {
    return this.#fresh.holders;
  }

  /** The shards that have to give back what they have before `acquireNew` can do what is asked for. */
  inTheWay(requested: Host): readonly number[] {
    if (!this.serves(requested) || this.range.grantsAll) return NOBODY;
    const holder = requested.isAny ? -1 : this.#fresh.holderOf(placeOf(this.range, requested));
    if (holder >= 0) return [holder];
    return this.#freshHere > 0 ? NOBODY : this.#fresh.holders;
  }

  /** Takes fresh addresses for one of so many shards, none when they are few. */
  grant(shard: number, shards: number): readonly AddressRange[] {
    return this.#fresh.grant(shard, Math.min(MAX_GRANT, Math.floor(this.#freshHere / (GRANT_PART * shards))));
  }

  /** A shard has leased an address of those that it was granted. */
  leased(shard: number, offset: number, identity: string, ikeSaId: number): void {
    this.#leases.set(offset, new PoolLease(offset, identity, ikeSaId));
    this.#fresh.used(shard, offset);
  }

  /** A shard gives back all that it was granted and has not leased. */
  giveBack(shard: number, ranges: readonly AddressRange[]): void {
    this.#fresh.giveBack(shard, ranges);
  }

  /** A shard is gone, and what it was granted and has not leased is here again. */
  reclaim(shard: number): void {
    this.#fresh.reclaim(shard);
  }

  status(): PoolStatus {
    return { name: this.name, base: this.base.toString(), size: this.size, online: this.online, offline: this.offline };
  }

  /** All leases, in the order in which their addresses were first handed out. */
  *leases(): Iterable<Lease> {
    for (const lease of this.#leases.values()) {
      const address = addressAt(this.range, lease.offset).toString();
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

  get #freshHere(): number {
    return this.size - this.#leases.size - this.#fresh.granted;
  }

  #acquisition(lease: PoolLease, how: Acquired, formerIdentity?: string): Acquisition {
    return { address: addressAt(this.range, lease.offset), how, formerIdentity };
  }
}

const NOBODY: readonly number[] = [];
