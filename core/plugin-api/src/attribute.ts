import type { Host } from "./host.js";
import type { MaybePromise } from "./job.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** One configuration attribute, RFC 7296 section 3.15.1. Plain data. */
export interface Attribute {
  readonly type: number;
  readonly value: Uint8Array;
}

/** Whom an address or attribute is for. Plain data. */
export interface AttributeContext {
  /** Configuration name and unique id of the IKE_SA. */
  readonly connection: string;
  readonly ikeSaId: number;
  /** Identity of the peer, as text. */
  readonly identity: string;
  readonly remote: string;
  /** Pools of the connection, in order. */
  readonly pools: readonly string[];
}

/** Attributes for peers that are known before one asks. Plain data. */
export interface AttributeSet {
  /** The connection whose peers get them, those of all if not set. */
  readonly connection?: string;
  /** Only peers that get a virtual IP get them. */
  readonly withVirtualIp?: boolean;
  readonly attributes: readonly Attribute[];
}

/**
 * Serves virtual IPs and attributes to peers (responder side). Lives on control: with several shards, each `acquire` and `attributes` has a
 * peer wait for a round trip between threads. Attributes that do not depend on the peer belong in `AttributeManager.setAttributes`.
 *
 * One that throws, or has not answered within `charon.plugin_timeout`, counts as one that has nothing. An address that comes later is released.
 */
export interface AttributeProvider {
  /** Shown when it fails or takes its time: the plugin's name. */
  readonly name?: string;
  /** An address for the peer, or undefined when this provider has none. `requested` may be `%any`. */
  acquire?(context: AttributeContext, requested: Host): MaybePromise<Host | undefined>;
  /** @returns whether the address was this provider's */
  release?(context: AttributeContext, address: Host): MaybePromise<boolean>;
  attributes?(context: AttributeContext, virtualIps: readonly Host[]): MaybePromise<readonly Attribute[]>;
}

/**
 * Uses attributes that a peer served us (initiator side). Lives on control. One that throws, or takes longer than `charon.plugin_timeout`, has not
 * taken it.
 */
export interface AttributeHandler {
  /** Shown when it fails or takes its time: the plugin's name. */
  readonly name?: string;
  /** Attribute types to ask the peer for. */
  readonly requests: readonly number[];
  /** @returns whether it took the attribute; the first handler that does is asked to release it */
  handle(context: AttributeContext, attribute: Attribute): MaybePromise<boolean>;
  release(context: AttributeContext, attribute: Attribute): MaybePromise<void>;
}

/** An in-memory pool of addresses. */
export interface PoolDefinition {
  readonly name: string;
  /** `10.0.0.0/8`, `10.0.0.5-10.0.0.9`, or undefined for a pool without addresses (attributes only). */
  readonly addresses: string | undefined;
  readonly attributes: readonly Attribute[];
}

/** Figures of a pool as `statusall` prints them. */
export interface PoolStatus {
  readonly name: string;
  /** First address of the pool. */
  readonly base: string;
  readonly size: number;
  readonly online: number;
  readonly offline: number;
}

/** One lease. Offline leases stay with their identity until the pool runs out of fresh addresses. */
export interface Lease {
  readonly pool: string;
  readonly address: string;
  readonly identity: string;
  readonly online: boolean;
}

/** Pools, providers and handlers of the daemon. Lives on control. */
export interface AttributeManager {
  /** Each returns the undo. Providers are asked in order of registration. */
  addProvider(provider: AttributeProvider): () => void;
  addHandler(handler: AttributeHandler): () => void;
  /**
   * Serves attributes that are known in advance, before those of providers: first the sets for all connections, then those for the peer's, each
   * in the order in which their sources came up. Shards have a copy of them and ask nobody.
   * @param source whose they are: the plugin's name, with more behind it where it has several sets
   * @param set replaces what the source had; undefined for none
   */
  setAttributes(source: string, set: AttributeSet | undefined): void;
  /** An equal pool that exists is shared and counted. @throws {DefinitionError} CYG_POOL_SYNTAX */
  addPool(pool: PoolDefinition): void;
  /**
   * Takes back one `addPool`; the pool goes with the last one, unless leases are online. Where shards lease from it by themselves they are
   * asked first.
   * @returns whether it could be taken back
   */
  removePool(name: string): MaybePromise<boolean>;
  /** Gives a pool other attributes; its leases stay. @returns whether there is such a pool */
  setPoolAttributes(name: string, attributes: readonly Attribute[]): boolean;
  pools(): readonly PoolStatus[];
  leases(pool: string): Iterable<Lease>;
}

export const AttributeManager: ServiceToken<AttributeManager> = serviceToken("AttributeManager");
