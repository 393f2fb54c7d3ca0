import { DefinitionError, LogGroup } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, Host, Lease, Logger, PoolDefinition, PoolStatus } from "@cygnet/plugin-api";
import { bytesEqual } from "../identity/text.js";
import { AddressPool } from "./address-pool.js";
import type { Acquisition } from "./address-pool.js";
import { parsePoolRange } from "./pool-range.js";

/** A pool with its definition. */
export interface KnownPool {
  /** No other pool of the daemon has or had it. */
  readonly number: number;
  definition: PoolDefinition;
  readonly addresses: AddressPool;
  /** How often it was added. */
  references: number;
}

/**
 * The pools in memory, by name. For each request and over all pools of a connection, an offline lease of the identity comes first, then a fresh
 * address, then the oldest offline lease of somebody else.
 */
export class AddressPools implements Iterable<KnownPool> {
  readonly #pools = new Map<string, KnownPool>();
  readonly #byNumber = new Map<number, KnownPool>();
  #nextNumber = 1;

  constructor(private readonly log: Logger) {}

  /**
   * @returns the pool where it is a new one, undefined where an equal one was there
   * @throws {DefinitionError} CYG_POOL_SYNTAX; CYG_POOL_EXISTS when a different pool has this name: remove that first
   */
  add(definition: PoolDefinition): KnownPool | undefined {
    const known = this.#pools.get(definition.name);
    if (known) {
      if (!samePool(known.definition, definition))
        throw new DefinitionError("CYG_POOL_EXISTS", definition.name, `there is another pool '${definition.name}'`);
      known.references++;
      return undefined;
    }
    const range = parsePoolRange(definition.name, definition.addresses);
    if (range.warning) this.log.log(LogGroup.CFG, 1, range.warning);
    const pool = {
      number: this.#nextNumber++,
      definition: { ...definition, attributes: definition.attributes.map(copyAttribute) },
      addresses: new AddressPool(definition.name, range),
      references: 1,
    };
    this.#pools.set(definition.name, pool);
    this.#byNumber.set(pool.number, pool);
    return pool;
  }

  /** Gives a pool other attributes. @returns the pool, undefined where there is none of this name */
  setAttributes(name: string, attributes: readonly Attribute[]): KnownPool | undefined {
    const pool = this.#pools.get(name);
    if (pool) pool.definition = { ...pool.definition, attributes: attributes.map(copyAttribute) };
    return pool;
  }

  /** Takes back one `add`. @returns `last` when the pool is gone with it, `kept` when others still have it, `refused` for none or leases online */
  remove(name: string): "last" | "kept" | "refused" {
    const pool = this.#pools.get(name);
    if (!pool) return "refused";
    if (pool.references > 1) {
      pool.references--;
      return "kept";
    }
    if (pool.addresses.online > 0) return "refused";
    this.#pools.delete(name);
    this.#byNumber.delete(pool.number);
    return "last";
  }

  get(name: string): KnownPool | undefined {
    return this.#pools.get(name);
  }

  byNumber(number: number): KnownPool | undefined {
    return this.#byNumber.get(number);
  }

  get size(): number {
    return this.#pools.size;
  }

  [Symbol.iterator](): Iterator<KnownPool> {
    return this.#pools.values();
  }

  status(): readonly PoolStatus[] {
    return Array.from(this.#pools.values(), ({ addresses }) => addresses.status());
  }

  leases(pool: string): Iterable<Lease> {
    return this.#pools.get(pool)?.addresses.leases() ?? [];
  }

  acquire(context: AttributeContext, requested: Host): Host | undefined {
    return (
      this.acquireExisting(context, requested) ?? this.acquireNew(context, requested) ?? this.acquireOffline(context, requested)
    );
  }

  acquireExisting({ identity, pools, ikeSaId }: AttributeContext, requested: Host): Host | undefined {
    for (const name of pools) {
      const found = this.#pools.get(name)?.addresses.acquireExisting(identity, requested, ikeSaId);
      if (found) return this.#assigned(found, identity);
    }
    return undefined;
  }

  acquireNew(context: AttributeContext, requested: Host): Host | undefined {
    for (const name of context.pools) {
      const pool = this.#pools.get(name);
      const found = pool && this.acquireNewFrom(pool, context, requested);
      if (found) return found;
    }
    return undefined;
  }

  acquireNewFrom(pool: KnownPool, { identity, ikeSaId }: AttributeContext, requested: Host): Host | undefined {
    const found = pool.addresses.acquireNew(identity, requested, ikeSaId);
    return found && this.#assigned(found, identity);
  }

  acquireOffline({ identity, pools, ikeSaId }: AttributeContext, requested: Host): Host | undefined {
    for (const name of pools) {
      const pool = this.#pools.get(name)?.addresses;
      const found = pool?.acquireOffline(identity, requested, ikeSaId);
      if (found) return this.#assigned(found, identity);
      if (pool?.serves(requested) && !pool.range.grantsAll)
        this.log.log(LogGroup.CFG, 1, `pool '${name}' is full, unable to assign address`);
    }
    return undefined;
  }

  /** @returns whether one of the connection's pools had leased the address */
  release({ identity, pools, ikeSaId }: AttributeContext, address: Host): boolean {
    for (const name of pools) {
      const released = this.#pools.get(name)?.addresses.release(identity, address, ikeSaId);
      if (!released) continue;
      if (released === "offline" && this.log.enabled(LogGroup.CFG, 1))
        this.log.log(LogGroup.CFG, 1, `lease ${address} by '${identity}' went offline`);
      return true;
    }
    return false;
  }

  /** Takes the leases of IKE_SAs offline that are gone without giving them back, as those of a shard that died. */
  releaseLost(isLost: (ikeSaId: number) => boolean): void {
    for (const { definition, addresses } of this.#pools.values()) {
      const count = addresses.releaseLost(isLost);
      if (count > 0)
        this.log.log(LogGroup.CFG, 1, `${count} leases of pool '${definition.name}' went offline with their IKE_SAs`);
    }
  }

  #assigned({ address, how, formerIdentity }: Acquisition, identity: string): Host {
    if (this.log.enabled(LogGroup.CFG, 1)) {
      if (how === "existing") this.log.log(LogGroup.CFG, 1, `reassigning offline lease to '${identity}'`);
      else if (how === "shared") this.log.log(LogGroup.CFG, 1, `reassigning online lease to '${identity}'`);
      else if (how === "new") this.log.log(LogGroup.CFG, 1, `assigning new lease to '${identity}'`);
      else this.log.log(LogGroup.CFG, 1, `reassigning existing offline lease by '${formerIdentity}' to '${identity}'`);
    }
    return address;
  }
}

function copyAttribute({ type, value }: Attribute): Attribute {
  return { type, value: new Uint8Array(value) };
}

function samePool(a: PoolDefinition, b: PoolDefinition): boolean {
  if (a.addresses !== b.addresses || a.attributes.length !== b.attributes.length) return false;
  return a.attributes.every(({ type, value }, i) => type === b.attributes[i]!.type && bytesEqual(value, b.attributes[i]!.value));
}
