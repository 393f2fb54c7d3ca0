import { LogGroup } from "@cygnet/plugin-api";
import type {
  Attribute,
  AttributeContext,
  AttributeHandler,
  AttributeManager,
  AttributeProvider,
  AttributeSet,
  Host,
  Lease,
  Logger,
  MaybePromise,
  PoolDefinition,
  PoolStatus,
} from "@cygnet/plugin-api";
import { PluginGuard } from "@cygnet/runtime";
import type { PluginCall } from "@cygnet/runtime";
import { configAttributeTypeName } from "@cygnet/wire";
import { AddressPools } from "./address-pools.js";
import type { AttributeChange, LeaseNotice } from "./attribute-change.js";
import { AttributeSets } from "./attribute-sets.js";
import { BlockLeasing } from "./block-leasing.js";
import type { PoolShards } from "./block-leasing.js";
import { HandledAttributes } from "./handled-attributes.js";
import { firstAccepted } from "./maybe.js";
import type { LeaseFilter } from "./lease-filter.js";

/** A provider may be registered twice; each registration is undone by itself. */
interface Registered<T> {
  readonly item: T;
}

/**
 * Pools, attributes, providers and handlers of the daemon, on control.
 *
 * For each request the pools in memory come first, after them the providers in the order of registration. Nothing is a promise unless a
 * provider or handler makes one, or a shard has to be asked for what it leases by itself.
 */
export class AttributeManagerImpl implements AttributeManager {
  readonly #pools: AddressPools;
  readonly #sets = new AttributeSets();
  /** Where shards lease by themselves. */
  #leasing: BlockLeasing | undefined;
  #tellAll: (change: AttributeChange) => void = () => undefined;
  #providers: readonly Registered<AttributeProvider>[] = [];
  #handlers: readonly Registered<AttributeHandler>[] = [];
  readonly #handled = new HandledAttributes();

  /** @param guard what providers and handlers are called by */
  constructor(
    private readonly log: Logger,
    private readonly guard = new PluginGuard({ log }),
  ) {
    this.#pools = new AddressPools(log);
  }

  /** Has shards on threads of their own lease and serve by themselves what they can. Before there is any pool. */
  useShards(shards: PoolShards, filter: LeaseFilter): void {
    this.#leasing = new BlockLeasing(this.#pools, shards, filter);
    this.#tellAll = (change) => {
      for (let shard = 0; shard < filter.shards; shard++) shards.tell(shard, change);
    };
  }

  /** Tells a shard that starts what there is. */
  initialize(tell: (change: AttributeChange) => void): void {
    for (const change of this.#leasing?.snapshot() ?? []) tell(change);
    for (const [source, set] of this.#sets.all()) tell({ op: "attributes", source, set });
    tell(this.#toAsk());
  }

  addProvider(provider: AttributeProvider): () => void {
    const registered = { item: provider };
    this.#setProviders([...this.#providers, registered]);
    return () => this.#setProviders(this.#providers.filter((each) => each !== registered));
  }

  addHandler(handler: AttributeHandler): () => void {
    const registered = { item: handler };
    this.#handlers = [...this.#handlers, registered];
    return () => {
      this.#handlers = this.#handlers.filter((each) => each !== registered);
    };
  }

  setAttributes(source: string, set: AttributeSet | undefined): void {
    const own = set && { ...set, attributes: set.attributes.map(copyAttribute) };
    this.#sets.set(source, own);
    this.#tellAll({ op: "attributes", source, set: own });
  }

  /**
   * @throws {DefinitionError} CYG_POOL_SYNTAX; CYG_POOL_EXISTS when a different pool has this name: remove that first
   */
  addPool(definition: PoolDefinition): void {
    const pool = this.#pools.add(definition);
    if (pool) this.#leasing?.added(pool);
  }

  setPoolAttributes(name: string, attributes: readonly Attribute[]): boolean {
    const pool = this.#pools.setAttributes(name, attributes);
    if (pool) this.#leasing?.attributesChanged(pool);
    return pool !== undefined;
  }

  removePool(name: string): MaybePromise<boolean> {
    return this.#leasing ? this.#leasing.remove(name) : this.#pools.remove(name) !== "refused";
  }

  pools(): readonly PoolStatus[] {
    return this.#pools.status();
  }

  leases(pool: string): Iterable<Lease> {
    return this.#pools.leases(pool);
  }

  /**
   * An address for a peer, which is its until `releaseAddress`.
   * @param requested unspecified for any of its family
   * @param shard that asks
   * @returns undefined when neither the connection's pools nor a provider have one
   */
  acquireAddress(context: AttributeContext, requested: Host, shard = 0): MaybePromise<Host | undefined> {
    const found = this.#leasing ? this.#leasing.acquire(shard, context, requested) : this.#pools.acquire(context, requested);
    if (found instanceof Promise) return found.then((address) => address ?? this.#acquireFromProviders(context, requested));
    return found ?? this.#acquireFromProviders(context, requested);
  }

  /** @returns whether the address was leased by one of the connection's pools, or a provider took it back */
  releaseAddress(context: AttributeContext, address: Host): MaybePromise<boolean> {
    if (this.#pools.release(context, address)) return true;
    const released = firstAccepted(
      this.#providers,
      ({ item }) => this.guard.call(callOf(PROVIDER, item, "release", false), () => item.release?.(context, address) ?? false),
      (taken) => taken,
    );
    return released instanceof Promise ? released.then((taken) => taken === true) : released === true;
  }

  /** Takes what a shard told of its leases. */
  noticeLeases(shard: number, notices: readonly LeaseNotice[]): void {
    this.#leasing?.notice(shard, notices, (context, address) => {
      const released = this.releaseAddress(context, address);
      if (released instanceof Promise)
        released.catch((error: unknown) => this.log.log(LogGroup.CFG, 1, `releasing ${address} failed: ${String(error)}`));
    });
  }

  /** A shard is gone: the leases of its IKE_SAs go offline, and what it had not leased is here again. */
  shardLost(shard: number, isLost: (ikeSaId: number) => boolean): void {
    this.#pools.releaseLost(isLost);
    this.#leasing?.lost(shard);
  }

  /** Attributes to serve a peer: those of the connection's pools in their order, then those known in advance, then the providers'. */
  attributes(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]> {
    const all: Attribute[] = [];
    for (const name of context.pools) {
      const pool = this.#pools.get(name);
      if (pool) all.push(...pool.definition.attributes);
    }
    this.#sets.serve(context.connection, virtualIps.length > 0, all);
    const done = firstAccepted(
      this.#providers,
      ({ item }) =>
        this.guard.call(callOf(PROVIDER, item, "attributes", NO_ATTRIBUTES), () => {
          const served = item.attributes?.(context, virtualIps) ?? NO_ATTRIBUTES;
          return served instanceof Promise ? served.then(checked) : checked(served);
        }),
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
      ({ item }) => this.guard.call(callOf(HANDLER, item, "handle", false), () => item.handle(context, attribute)),
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
    const handler = this.#handled.remove(context.ikeSaId, attribute);
    if (handler)
      return this.guard.call(callOf<void>(HANDLER, handler, "release", undefined), () => handler.release(context, attribute));
  }

  #acquireFromProviders(context: AttributeContext, requested: Host): MaybePromise<Host | undefined> {
    return firstAccepted(
      this.#providers,
      ({ item }) => this.guard.call(this.#acquisition(context, item), () => item.acquire?.(context, requested)),
      (address) => address !== undefined,
    );
  }

  /** An address that comes when the peer has been told that there is none is given back. */
  #acquisition(context: AttributeContext, provider: AttributeProvider): PluginCall<Host | undefined> {
    const giveBack = (address: Host | undefined): void => {
      if (address === undefined) return;
      void this.guard.call(callOf(PROVIDER, provider, "release", false), () => provider.release?.(context, address) ?? false);
    };
    return { ...callOf<Host | undefined>(PROVIDER, provider, "acquire", undefined), late: giveBack };
  }

  #setProviders(providers: readonly Registered<AttributeProvider>[]): void {
    this.#providers = providers;
    this.#tellAll(this.#toAsk());
  }

  #toAsk(): AttributeChange {
    const has = (method: "acquire" | "attributes"): boolean => this.#providers.some(({ item }) => item[method] !== undefined);
    return { op: "providers", addresses: has("acquire"), attributes: has("attributes") };
  }

  #wasHandled(attribute: Attribute, taken: boolean | undefined): boolean {
    if (taken) return true;
    this.log.log(LogGroup.CFG, 1, `handling ${configAttributeTypeName(attribute.type)} attribute failed`);
    return false;
  }
}

const PROVIDER = "attribute provider";
const HANDLER = "attribute handler";
const UNNAMED = "of a plugin";

/** @throws where it is not what was asked for */
function checked(served: readonly Attribute[]): readonly Attribute[] {
  if (!Array.isArray(served)) throw new TypeError("the answer is no list");
  return served;
}

function callOf<R>(kind: string, { name = UNNAMED }: { readonly name?: string }, what: string, otherwise: R): PluginCall<R> {
  return { kind, name, what, otherwise };
}

const NO_ATTRIBUTES: readonly Attribute[] = [];

function copyAttribute({ type, value }: Attribute): Attribute {
  return { type, value: new Uint8Array(value) };
}
