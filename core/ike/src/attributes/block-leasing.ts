import { Host } from "@cygnet/plugin-api";
import type { AttributeContext, MaybePromise } from "@cygnet/plugin-api";
import type { AddressPools, KnownPool } from "./address-pools.js";
import type { AddressRange, AttributeChange, LeaseNotice } from "./attribute-change.js";
import type { LeaseFilter } from "./lease-filter.js";

/** How control reaches shards that have threads of their own. What is told one of them arrives in order, questions included. */
export interface PoolShards {
  tell(shard: number, change: AttributeChange): void;
  /** Has the shard give back what it was granted of a pool and has not leased, after it told all that it did with it. */
  recall(shard: number, pool: number): MaybePromise<readonly AddressRange[]>;
}

/** Who waits until all is known that shards had released by then. */
interface Waiting {
  readonly releases: readonly number[];
  readonly resolve: () => void;
}

/**
 * Control's half of leasing with several shards. Control decides, and grants shards blocks of fresh addresses, from which they lease to
 * identities that surely have no lease and tell it later. All other requests come here: of identities that may have one, for an address that the
 * shard has not, and when it has none. What other shards have is called back where it stands in the way, so a pool is full only when each
 * address is online.
 */
export class BlockLeasing {
  /** Releases that were heard of, by shard. */
  readonly #heard: number[];
  /** How many shards died in each place. */
  readonly #losses: number[];
  #waiting: Waiting[] = [];
  /** Under way, by pool and shard. */
  readonly #recalls = new Map<number, Promise<void>>();
  /** Numbers of the pools that shards know to be spent. */
  readonly #spent = new Set<number>();

  constructor(
    private readonly pools: AddressPools,
    private readonly shards: PoolShards,
    private readonly filter: LeaseFilter,
  ) {
    this.#heard = Array.from({ length: filter.shards }, (_, shard) => filter.releases(shard));
    this.#losses = this.#heard.map(() => 0);
  }

  /** As `AddressPools.acquire`, for a shard. A promise only where another shard has to be heard first. */
  acquire(shard: number, context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    const existing = this.pools.acquireExisting(context, requested);
    if (existing) return existing;
    // What the identity had may have been released a moment ago, on a shard that has not told yet.
    const known = this.filter.mayHave(context.identity, requested.family) ? this.#releasesKnown() : undefined;
    return known ? known.then(() => this.#acquire(shard, context, requested)) : this.#acquire(shard, context, requested);
  }

  /**
   * Takes what a shard told.
   * @param release takes back an address
   */
  notice(shard: number, notices: readonly LeaseNotice[], release: (context: AttributeContext, address: Host) => void): void {
    for (const notice of notices) {
      if (notice.op === "released") {
        release(notice.context, Host.fromOctets(notice.address));
        this.#heard[shard]! = (this.#heard[shard]! + 1) | 0;
        continue;
      }
      const pool = this.pools.byNumber(notice.pool);
      if (!pool) continue;
      if (notice.op === "wanted") this.#grant(shard, pool);
      else {
        pool.addresses.leased(shard, notice.offset, notice.identity, notice.ikeSaId);
        this.#tellIfSpent(pool);
      }
    }
    this.#wake();
  }

  /** As `AddressPools.remove`, after the shards were heard that lease from the pool. */
  remove(name: string): MaybePromise<boolean> {
    const pool = this.pools.get(name);
    const mayGo = pool?.references === 1 && pool.addresses.online === 0;
    if (mayGo && pool.addresses.holders.length > 0)
      return this.#recall(pool, pool.addresses.holders).then(() => this.remove(name));
    const removed = this.pools.remove(name);
    if (removed === "last") {
      this.#spent.delete(pool!.number);
      this.#tellAll({ op: "remove-pool", pool: pool!.number });
      if (this.pools.size === 0) this.filter.clear();
    }
    return removed !== "refused";
  }

  /** A shard is gone: what it was granted and nobody got is here again, and nothing more will be heard of it. */
  lost(shard: number): void {
    this.#losses[shard]!++;
    for (const { addresses } of this.pools) addresses.reclaim(shard);
    this.#heard[shard] = this.filter.releases(shard);
    this.#wake();
  }

  /** What a shard that starts has to know of the pools. */
  *snapshot(): Iterable<AttributeChange> {
    for (const pool of this.pools) {
      yield added(pool);
      if (this.#spent.has(pool.number)) yield { op: "spent", pool: pool.number };
    }
  }

  added(pool: KnownPool): void {
    this.#tellAll(added(pool));
  }

  attributesChanged({ number, definition }: KnownPool): void {
    this.#tellAll({ op: "pool-attributes", pool: number, attributes: definition.attributes });
  }

  #acquire(shard: number, context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    const existing = this.pools.acquireExisting(context, requested);
    if (existing) return existing;
    for (const name of context.pools) {
      const pool = this.pools.get(name);
      if (!pool) continue;
      const holders = pool.addresses.inTheWay(requested);
      if (holders.length > 0) return this.#recall(pool, holders).then(() => this.#acquire(shard, context, requested));
      const fresh = this.pools.acquireNewFrom(pool, context, requested);
      if (!fresh) continue;
      this.filter.add(context.identity, requested.family);
      if (!pool.addresses.holders.includes(shard)) this.#grant(shard, pool);
      this.#tellIfSpent(pool);
      return fresh;
    }
    const reassigned = this.pools.acquireOffline(context, requested);
    if (reassigned) this.filter.add(context.identity, requested.family);
    return reassigned;
  }

  #grant(shard: number, pool: KnownPool): void {
    // What is granted now would look like a part of what is being called back.
    if (this.#recalls.has(this.#recallKey(pool, shard))) return;
    const ranges = pool.addresses.grant(shard, this.filter.shards);
    if (ranges.length > 0) this.shards.tell(shard, { op: "grant", pool: pool.number, ranges });
  }

  async #recall(pool: KnownPool, holders: readonly number[]): Promise<void> {
    await Promise.all(
      holders.map((shard) => {
        const key = this.#recallKey(pool, shard);
        let recall = this.#recalls.get(key);
        if (!recall) {
          recall = this.#recallFrom(pool, shard).finally(() => this.#recalls.delete(key));
          this.#recalls.set(key, recall);
        }
        return recall;
      }),
    );
  }

  async #recallFrom({ number, addresses }: KnownPool, shard: number): Promise<void> {
    const losses = this.#losses[shard];
    try {
      const ranges = await this.shards.recall(shard, number);
      // Of one that died since, all is here already.
      if (losses === this.#losses[shard]) addresses.giveBack(shard, ranges);
    } catch {
      // It is dying, or the daemon ends.
      if (losses === this.#losses[shard]) addresses.reclaim(shard);
    }
  }

  #recallKey({ number }: KnownPool, shard: number): number {
    return number * this.filter.shards + shard;
  }

  #tellIfSpent({ number, addresses }: KnownPool): void {
    if (!addresses.isSpent || this.#spent.has(number)) return;
    this.#spent.add(number);
    this.#tellAll({ op: "spent", pool: number });
  }

  #tellAll(change: AttributeChange): void {
    for (let shard = 0; shard < this.filter.shards; shard++) this.shards.tell(shard, change);
  }

  /** @returns undefined when there is nothing to wait for */
  #releasesKnown(): Promise<void> | undefined {
    const releases = this.#heard.map((_, shard) => this.filter.releases(shard));
    if (this.#haveHeard(releases)) return undefined;
    return new Promise((resolve) => this.#waiting.push({ releases, resolve }));
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter(({ releases }) => this.#haveHeard(releases));
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ releases }) => !this.#haveHeard(releases));
    for (const { resolve } of due) resolve();
  }

  /** The counts run modulo 2^32. */
  #haveHeard(releases: readonly number[]): boolean {
    return releases.every((count, shard) => ((count - this.#heard[shard]!) | 0) <= 0);
  }
}

function added({ number, definition: { name, addresses, attributes } }: KnownPool): AttributeChange {
  return { op: "add-pool", pool: number, name, addresses, attributes };
}
