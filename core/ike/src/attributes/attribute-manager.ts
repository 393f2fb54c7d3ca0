import { DefinitionError, LogGroup } from "@cygnet/plugin-api";
import type {
  Attribute,
  AttributeContext,
  AttributeHandler,
  AttributeManager,
  AttributeProvider,
  Host,
  Lease,
  Logger,
  MaybePromise,
  PoolDefinition,
  PoolStatus,
} from "@cygnet/plugin-api";
import { configAttributeTypeName } from "@cygnet/wire";
import { bytesEqual } from "../identity/text.js";
import { AddressPool } from "./address-pool.js";
import type { Acquisition } from "./address-pool.js";
import { HandledAttributes } from "./handled-attributes.js";
import { firstAccepted } from "./maybe.js";
import { parsePoolRange } from "./pool-range.js";

interface Pool {
  readonly definition: PoolDefinition;
  readonly addresses: AddressPool;
  references: number;
}

/** A provider may be registered twice; each registration is undone by itself. */
interface Registered<T> {
  readonly item: T;
}

/**
 * Pools, providers and handlers of the daemon, on control.
 *
 * For each request the pools in memory come first: over all pools of the connection an offline lease of the identity, then a fresh address,
 * then the oldest offline lease of somebody else; after them the providers in the order of registration. Nothing is a promise unless a
 * provider or handler makes one.
 */
export class AttributeManagerImpl implements AttributeManager {
  readonly #pools = new Map<string, Pool>();
  #providers: readonly Registered<AttributeProvider>[] = [];
  #handlers: readonly Registered<AttributeHandler>[] = [];
  readonly #handled = new HandledAttributes();

  constructor(private readonly log: Logger) {}

  addProvider(provider: AttributeProvider): () => void {
    const registered = { item: provider };
    this.#providers = [...this.#providers, registered];
    return () => {
      this.#providers = this.#providers.filter((each) => each !== registered);
    };
  }

  addHandler(handler: AttributeHandler): () => void {
    const registered = { item: handler };
    this.#handlers = [...this.#handlers, registered];
    return () => {
      this.#handlers = this.#handlers.filter((each) => each !== registered);
    };
  }

  /**
   * @throws {DefinitionError} CYG_POOL_SYNTAX; CYG_POOL_EXISTS when a different pool has this name: remove that first
   */
  addPool(definition: PoolDefinition): void {
    const known = this.#pools.get(definition.name);
    if (known) {
      if (!samePool(known.definition, definition))
        throw new DefinitionError("CYG_POOL_EXISTS", definition.name, `there is another pool '${definition.name}'`);
      known.references++;
      return;
    }
    const range = parsePoolRange(definition.name, definition.addresses);
    if (range.warning) this.log.log(LogGroup.CFG, 1, range.warning);
    const own = { ...definition, attributes: definition.attributes.map(copyAttribute) };
    this.#pools.set(definition.name, { definition: own, addresses: new AddressPool(definition.name, range), references: 1 });
  }

  /** Takes back one `addPool`; the pool goes with the last one. */
  removePool(name: string): boolean {
    const pool = this.#pools.get(name);
    if (!pool) return false;
    if (pool.references > 1) {
      pool.references--;
      return true;
    }
    return pool.addresses.online === 0 && this.#pools.delete(name);
  }

  pools(): readonly PoolStatus[] {
    return Array.from(this.#pools.values(), ({ addresses }) => addresses.status());
  }

  leases(pool: string): Iterable<Lease> {
    return this.#pools.get(pool)?.addresses.leases() ?? [];
  }

  /**
   * An address for a peer, which is its until `releaseAddress`.
   * @param requested unspecified for any of its family
   * @returns undefined when neither the connection's pools nor a provider have one
   */
  acquireAddress(context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    return (
      this.#acquireFromPools(context, requested) ??
      firstAccepted(
        this.#providers,
        ({ item }) => item.acquire?.(context, requested),
        (address) => address !== undefined,
      )
    );
  }

  /** @returns whether the address was leased by one of the connection's pools, or a provider took it back */
  releaseAddress(context: AttributeContext, address: Host): MaybePromise<boolean> {
    for (const name of context.pools) if (this.#releaseTo(this.#pools.get(name), context, address)) return true;
    const released = firstAccepted(
      this.#providers,
      ({ item }) => item.release?.(context, address) ?? false,
      (taken) => taken,
    );
    return released instanceof Promise ? released.then((taken) => taken === true) : released === true;
  }

  /** Takes the leases of IKE_SAs offline that are gone without giving them back, as those of a shard that died. */
  releaseLost(isLost: (ikeSaId: number) => boolean): void {
    for (const { definition, addresses } of this.#pools.values()) {
      const count = addresses.releaseLost(isLost);
      if (count > 0)
        this.log.log(LogGroup.CFG, 1, `${count} leases of pool '${definition.name}' went offline with their IKE_SAs`);
    }
  }

  /** Attributes to serve a peer: those of the connection's pools in their order, then the providers'. */
  attributes(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]> {
    const all: Attribute[] = [];
    for (const name of context.pools) {
      const pool = this.#pools.get(name);
      if (pool) all.push(...pool.definition.attributes);
    }
    const done = firstAccepted(
      this.#providers,
      ({ item }) => item.attributes?.(context, virtualIps) ?? NO_ATTRIBUTES,
      (served) => {
        all.push(...served);
        return false;
      },
    );
    return done instanceof Promise ? done.then(() => all) : all;
  }

  /** Types to ask a peer for, of all handlers, each once. */
  requests(): readonly number[] {
    return [...new Set(this.#handlers.flatMap(({ item }) => item.requests))];
  }

  /** Offers an attribute to the handlers in order. @returns whether one took it */
  handle(context: AttributeContext, attribute: Attribute): MaybePromise<boolean> {
    const taken = firstAccepted(
      this.#handlers,
      ({ item }) => item.handle(context, attribute),
      (took, { item }) => {
        if (took) this.#handled.add(context.ikeSaId, copyAttribute(attribute), item);
        return took;
      },
    );
    return taken instanceof Promise
      ? taken.then((took) => this.#wasHandled(attribute, took))
      : this.#wasHandled(attribute, taken);
  }

  /** Has the handler that took an attribute release it. Without effect for one that nobody took. */
  release(context: AttributeContext, attribute: Attribute): MaybePromise<void> {
    return this.#handled.remove(context.ikeSaId, attribute)?.release(context, attribute);
  }

  #acquireFromPools(context: AttributeContext, requested: Host): Host | undefined {
    const { identity, pools, ikeSaId } = context;
    for (const name of pools) {
      const found = this.#pools.get(name)?.addresses.acquireExisting(identity, requested, ikeSaId);
      if (found) return this.#assigned(found, identity);
    }
    for (const name of pools) {
      const found = this.#pools.get(name)?.addresses.acquireNew(identity, requested, ikeSaId);
      if (found) return this.#assigned(found, identity);
    }
    for (const name of pools) {
      const pool = this.#pools.get(name)?.addresses;
      const found = pool?.acquireOffline(identity, requested, ikeSaId);
      if (found) return this.#assigned(found, identity);
      if (pool?.serves(requested) && !pool.range.grantsAll)
        this.log.log(LogGroup.CFG, 1, `pool '${name}' is full, unable to assign address`);
    }
    return undefined;
  }

  #assigned({ address, how, formerIdentity }: Acquisition, identity: string): Host {
    if (this.log.enabled(LogGroup.CFG, 1)) {
      if (how === "existing") this.log.log(LogGroup.CFG, 1, `reassigning offline lease to '${identity}'`);
      else if (how === "new") this.log.log(LogGroup.CFG, 1, `assigning new lease to '${identity}'`);
      else this.log.log(LogGroup.CFG, 1, `reassigning existing offline lease by '${formerIdentity}' to '${identity}'`);
    }
    return address;
  }

  #releaseTo(pool: Pool | undefined, { identity }: AttributeContext, address: Host): boolean {
    if (!pool?.addresses.release(identity, address)) return false;
    if (this.log.enabled(LogGroup.CFG, 1)) this.log.log(LogGroup.CFG, 1, `lease ${address} by '${identity}' went offline`);
    return true;
  }

  #wasHandled(attribute: Attribute, taken: boolean | undefined): boolean {
    if (taken) return true;
    this.log.log(LogGroup.CFG, 1, `handling ${configAttributeTypeName(attribute.type)} attribute failed`);
    return false;
  }
}

const NO_ATTRIBUTES: readonly Attribute[] = [];

function copyAttribute({ type, value }: Attribute): Attribute {
  return { type, value: new Uint8Array(value) };
}

function samePool(a: PoolDefinition, b: PoolDefinition): boolean {
  if (a.addresses !== b.addresses || a.attributes.length !== b.attributes.length) return false;
  return a.attributes.every(({ type, value }, i) => type === b.attributes[i]!.type && bytesEqual(value, b.attributes[i]!.value));
}
