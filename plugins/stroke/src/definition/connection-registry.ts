import { isDeepStrictEqual } from "node:util";
import { CygnetError, DefinitionError, LogGroup } from "@cygnet/plugin-api";
import type { AttributeManager, ConnectionStore, Logger, PeerDefinition } from "@cygnet/plugin-api";
import type { BuiltConnection } from "./build-definition.js";
import type { DnsServers } from "./dns-servers.js";
import { inKeywords } from "./keyword-names.js";
import type { OwnSide } from "./keyword-names.js";

/** Under which name connections of this plugin stand in the store. */
const BACKEND = "stroke";

/** A connection that this plugin added. */
interface Known {
  /** Two connections of one name stand under different backends. */
  readonly backend: string;
  peer: PeerDefinition;
  /** Pools that were added for it, once for each time. */
  readonly pools: string[];
}

/** What the registry works on. */
export interface RegistryServices {
  readonly connections: ConnectionStore;
  readonly attributes: AttributeManager;
  readonly dns: DnsServers;
  readonly log: Logger;
}

/**
 * The connections that came over the stroke socket. One that differs from an earlier one in its child only is added to that as a further
 * child, as in strongSwan. Changes are made one after the other.
 */
export class ConnectionRegistry {
  readonly #known: Known[] = [];
  readonly #services: RegistryServices;
  #last: Promise<void> = Promise.resolve();

  constructor(services: RegistryServices) {
    this.#services = services;
  }

  /** Adds what a request was made into. A refusal is logged with its reason, and leaves nothing behind. */
  add(built: BuiltConnection, ours: OwnSide = "left"): Promise<void> {
    return this.#inOrder(async () => {
      const { log } = this.#services;
      try {
        await this.#add(built);
      } catch (error) {
        if (!(error instanceof CygnetError)) throw error;
        const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
        const reason = error instanceof DefinitionError ? inKeywords(error, ours) : error.message;
        log.log(LogGroup.CFG, 1, `connection '${built.peer.name}' not added, ${reason}${cause}`);
      }
    });
  }

  /** Removes the children of this name, and connections that have none left. IKE_SAs stay. */
  remove(name: string): Promise<void> {
    return this.#inOrder(async () => {
      let found = false;
      for (const known of [...this.#known]) {
        const children = known.peer.children.filter((child) => child.name !== name);
        if (children.length === known.peer.children.length) continue;
        found = true;
        if (children.length === 0) await this.#drop(known);
        else await this.#replace(known, { ...known.peer, children });
      }
      this.#services.log.log(LogGroup.CFG, 1, found ? `deleted connection '${name}'` : `connection '${name}' not found`);
    });
  }

  /** Gives a connection other authentication rounds of ours. @returns false when it is not one of this plugin's */
  setLocalRounds(name: string, local: PeerDefinition["local"]): Promise<boolean> {
    return this.#inOrder(async () => {
      const known = this.#known.find(({ peer }) => peer.name === name);
      if (known) await this.#replace(known, { ...known.peer, local });
      return known !== undefined;
    });
  }

  /** Removes everything. */
  clear(): Promise<void> {
    return this.#inOrder(async () => {
      for (const known of [...this.#known].reverse()) await this.#drop(known);
    });
  }

  async #add({ peer, pools, dns }: BuiltConnection): Promise<void> {
    const { log } = this.#services;
    const existing = this.#known.find((known) => hasEqualIke(known.peer, peer));
    if (existing) {
      const others = existing.peer.children.filter((child) => child.name !== peer.name);
      await this.#replace(existing, { ...existing.peer, children: [...others, ...peer.children] });
      log.log(LogGroup.CFG, 1, `added child to existing configuration '${existing.peer.name}'`);
      return;
    }
    const known: Known = { backend: this.#freeBackend(peer.name), peer, pools: [] };
    try {
      for (const pool of pools.own) this.#addPool(known, pool);
      await this.#services.connections.add(known.backend, peer);
    } catch (error) {
      await this.#releasePools(known);
      throw error;
    }
    this.#known.push(known);
    if (dns.length > 0) this.#services.dns.set(peer.name, dns);
    log.log(LogGroup.CFG, 1, `added configuration '${peer.name}'`);
  }

  #addPool(known: Known, { name, addresses }: { readonly name: string; readonly addresses: string }): void {
    const { attributes, log } = this.#services;
    const isShared = attributes.pools().some((pool) => pool.name === name);
    attributes.addPool({ name, addresses, attributes: [] });
    known.pools.push(name);
    log.log(LogGroup.CFG, 1, `${isShared ? "reusing" : "adding"} virtual IP address pool ${name}`);
  }

  async #replace(known: Known, peer: PeerDefinition): Promise<void> {
    await this.#services.connections.add(known.backend, peer);
    known.peer = peer;
  }

  async #drop(known: Known): Promise<void> {
    const { connections, dns } = this.#services;
    await connections.remove(known.backend, known.peer.name);
    this.#known.splice(this.#known.indexOf(known), 1);
    if (!this.#known.some(({ peer }) => peer.name === known.peer.name)) dns.remove(known.peer.name);
    await this.#releasePools(known);
  }

  async #releasePools(known: Known): Promise<void> {
    for (const name of known.pools.splice(0)) {
      if (await this.#services.attributes.removePool(name)) continue;
      this.#services.log.log(LogGroup.CFG, 1, `virtual IP address pool ${name} stays, it has leases that are online`);
    }
  }

  #freeBackend(name: string): string {
    for (let i = 1; ; i++) {
      const backend = i === 1 ? BACKEND : `${BACKEND}-${i}`;
      if (!this.#known.some((known) => known.backend === backend && known.peer.name === name)) return backend;
    }
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

/** Whether two connections are the same but for their names and children. */
function hasEqualIke(a: PeerDefinition, b: PeerDefinition): boolean {
  return isDeepStrictEqual({ ...a, name: "", children: [] }, { ...b, name: "", children: [] });
}
