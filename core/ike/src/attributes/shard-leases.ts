import { LogGroup } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, Host, Logger, MaybePromise } from "@cygnet/plugin-api";
import type { AddressRange, AttributeChange, LeaseNotice } from "./attribute-change.js";
import { AttributeSets } from "./attribute-sets.js";
import type { LeaseFilter } from "./lease-filter.js";
import { GrantedAddresses } from "./granted-addresses.js";
import { addressAt, parsePoolRange, placeOf, rangeServes } from "./pool-range.js";
import type { PoolRange } from "./pool-range.js";

/** A pool as a shard has it. */
interface Pool {
  readonly number: number;
  readonly name: string;
  readonly range: PoolRange;
  attributes: readonly Attribute[];
  readonly granted: GrantedAddresses;
  /** There is no address that nobody had, on any shard. */
  isSpent: boolean;
}

/** How a shard reaches control for leases and attributes. What is told and what is asked arrives in this order. */
export interface LeaseControl {
  acquireAddress(context: AttributeContext, requested: Host): MaybePromise<Host | undefined>;
  attributes(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]>;
  noticeLeases(notices: readonly LeaseNotice[]): void;
}

/** What the leases of a shard are made from. */
export interface ShardLeasesParts {
  readonly shard: number;
  readonly control: LeaseControl;
  readonly filter: LeaseFilter;
  readonly log: Logger;
  /** Has something called a little later: the more can be told at once by then, the less each costs. */
  readonly defer: (callback: () => void) => void;
}

/**
 * A shard's half of leasing where shards have threads of their own. It leases fresh addresses from what it was granted, and serves attributes from
 * a copy of what is known in advance; control is told of many at once. What only control can know it is asked.
 */
export class ShardLeases {
  readonly #parts: ShardLeasesParts;
  readonly #byName = new Map<string, Pool>();
  readonly #byNumber = new Map<number, Pool>();
  readonly #sets = new AttributeSets();
  #asksForAddresses = false;
  #asksForAttributes = false;
  #notices: LeaseNotice[] = [];

  constructor(parts: ShardLeasesParts) {
    this.#parts = parts;
  }

  apply(change: AttributeChange): void {
    switch (change.op) {
      case "add-pool":
        return this.#add(change);
      case "pool-attributes": {
        const pool = this.#byNumber.get(change.pool);
        if (pool) pool.attributes = change.attributes;
        return;
      }
      case "remove-pool": {
        const pool = this.#byNumber.get(change.pool);
        if (pool && this.#byNumber.delete(change.pool)) this.#byName.delete(pool.name);
        return;
      }
      case "grant":
        return this.#byNumber.get(change.pool)?.granted.add(change.ranges);
      case "spent": {
        const pool = this.#byNumber.get(change.pool);
        if (pool) pool.isSpent = true;
        return;
      }
      case "attributes":
        return this.#sets.set(change.source, change.set);
      case "providers":
        this.#asksForAddresses = change.addresses;
        this.#asksForAttributes = change.attributes;
        return;
      default:
        change satisfies never;
    }
  }

  /** Gives back what was granted of a pool and is not leased. */
  recall(pool: number): readonly AddressRange[] {
    // Control has to know of the leases before it takes the rest for all there is.
    this.flush();
    return this.#byNumber.get(pool)?.granted.takeAll() ?? [];
  }

  /** As `ControlClient`. A promise only where control is asked. */
  acquire(context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    let isServed = false;
    let grantsAll = false;
    for (const name of context.pools) {
      const range = this.#byName.get(name)?.range;
      if (!range || !rangeServes(range, requested)) continue;
      isServed = true;
      grantsAll ||= range.grantsAll;
    }
    if (!isServed && !this.#asksForAddresses) return undefined;
    if (!isServed || this.#parts.filter.mayHave(context.identity, requested.family)) return this.#ask(context, requested);
    if (grantsAll) return requested.withPort(0);
    for (const name of context.pools) {
      const pool = this.#byName.get(name);
      if (!pool || pool.isSpent || !rangeServes(pool.range, requested)) continue;
      const offset = pool.granted.take(requested.isAny ? -1 : placeOf(pool.range, requested));
      return offset < 0 ? this.#ask(context, requested) : this.#lease(pool, offset, context);
    }
    return this.#ask(context, requested);
  }

  release(context: AttributeContext, { address }: Host): void {
    this.#parts.filter.released(this.#parts.shard);
    this.#notice({ op: "released", context, address });
  }

  /** As `ControlClient`. A promise only where there are providers on control. */
  attributes(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]> {
    if (this.#asksForAttributes) return this.#parts.control.attributes(context, virtualIps);
    const served: Attribute[] = [];
    for (const name of context.pools) {
      const pool = this.#byName.get(name);
      if (pool) served.push(...pool.attributes);
    }
    this.#sets.serve(context.connection, virtualIps.length > 0, served);
    return served;
  }

  /** Tells control now what it was not told yet. */
  flush(): void {
    if (this.#notices.length === 0) return;
    const notices = this.#notices;
    this.#notices = [];
    this.#parts.control.noticeLeases(notices);
  }

  #add({ pool: number, name, addresses, attributes }: AttributeChange & { readonly op: "add-pool" }): void {
    if (this.#byNumber.has(number)) return;
    const range = parsePoolRange(name, addresses);
    const pool = { number, name, range, attributes, granted: new GrantedAddresses(), isSpent: false };
    this.#byNumber.set(number, pool);
    this.#byName.set(name, pool);
  }

  #lease(pool: Pool, offset: number, { identity, ikeSaId }: AttributeContext): Host {
    const { filter, log } = this.#parts;
    filter.add(identity, pool.range.family);
    this.#notice({ op: "leased", pool: pool.number, offset, identity, ikeSaId });
    if (pool.granted.isRunningOut()) this.#notice({ op: "wanted", pool: pool.number });
    if (log.enabled(LogGroup.CFG, 1)) log.log(LogGroup.CFG, 1, `assigning new lease to '${identity}'`);
    return addressAt(pool.range, offset);
  }

  #ask(context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    this.flush();
    return this.#parts.control.acquireAddress(context, requested);
  }

  #notice(notice: LeaseNotice): void {
    if (this.#notices.push(notice) === 1) this.#parts.defer(() => this.flush());
  }
}
