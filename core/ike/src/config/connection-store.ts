import { DefinitionError } from "@cygnet/plugin-api";
import type { ChildDefinition, ConnectionStore, Host, MaybePromise, PeerDefinition } from "@cygnet/plugin-api";
import { compilePeer } from "./compile-peer.js";
import type { CompileEnv } from "./compile-peer.js";
import type { ConfigChange } from "./config-change.js";

interface Kept {
  readonly backend: string;
  readonly peer: PeerDefinition;
  /** Host names among its addresses. */
  readonly names: readonly string[];
}

/**
 * The connections of the daemon, on control. Checks a definition, tells the shards, and only then counts it as added.
 *
 * Changes are made one after the other, in the order of the calls, so that all shards see the same.
 */
export class ConnectionStoreImpl implements ConnectionStore {
  readonly #kept: Kept[] = [];
  /** Host name to the addresses last told, for shards that start later. */
  readonly #resolved = new Map<string, readonly string[]>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param broadcast resolves when every shard has applied the change */
  constructor(
    private readonly env: CompileEnv,
    private readonly broadcast: (change: ConfigChange) => Promise<void>,
  ) {}

  /** @throws {DefinitionError} as `compilePeer`, and CYG_CONFIG_DATA when the definition is not plain data; nothing has changed then */
  async add(backend: string, peer: PeerDefinition): Promise<void> {
    const copy = plainCopy(peer);
    const names = Array.from(compilePeer(copy, this.env).ike.names(), ({ text }) => text);
    await this.#inOrder(async () => {
      await this.broadcast({ op: "add", backend, peer: copy });
      const at = this.#find(backend, copy.name);
      const kept = { backend, peer: copy, names };
      if (at < 0) this.#kept.push(kept);
      else this.#kept[at] = kept;
      // What a name stands for is known to the connections that have it already.
      for (const name of names) {
        const addresses = this.#resolved.get(name);
        if (addresses) await this.broadcast({ op: "resolve", name, addresses });
      }
    });
  }

  async remove(backend: string, name: string): Promise<boolean> {
    return this.#inOrder(async () => {
      const at = this.#find(backend, name);
      if (at < 0) return false;
      await this.broadcast({ op: "remove", backend, name });
      this.#kept.splice(at, 1);
      return true;
    });
  }

  /** Tells the shards what a host name stands for now, unless no connection has it, or they know; an empty list when it does not resolve. */
  async resolved(name: string, hosts: readonly Host[]): Promise<void> {
    const addresses = hosts.map((host) => host.toString());
    await this.#inOrder(async () => {
      const isKnown = this.#resolved.get(name)?.join() === addresses.join();
      if (isKnown || !this.#kept.some(({ names }) => names.includes(name))) return;
      await this.broadcast({ op: "resolve", name, addresses });
      this.#resolved.set(name, addresses);
    });
  }

  /** Host names among the addresses of all connections, or of those with a name. */
  hostNames(peer?: string): ReadonlySet<string> {
    const kept = peer === undefined ? this.#kept : this.#kept.filter((each) => each.peer.name === peer);
    return new Set(kept.flatMap(({ names }) => names));
  }

  list(): readonly PeerDefinition[] {
    return this.#kept.map(({ peer }) => peer);
  }

  find(name: string): { readonly peer: PeerDefinition; readonly child: ChildDefinition | undefined } | undefined {
    const named = this.#kept.find(({ peer }) => peer.name === name);
    if (named) return { peer: named.peer, child: named.peer.children.find((child) => child.name === name) };
    for (const { peer } of this.#kept) {
      const child = peer.children.find((each) => each.name === name);
      if (child) return { peer, child };
    }
    return undefined;
  }

  /** Has a shard that starts now apply what there is, before any later change. */
  initialize(apply: (change: ConfigChange) => MaybePromise<void>): Promise<void> {
    return this.#inOrder(async () => {
      for (const change of this.snapshot()) await apply(change);
    });
  }

  /** What a shard that starts now has to apply, in order. */
  snapshot(): readonly ConfigChange[] {
    return [
      ...this.#kept.map(({ backend, peer }): ConfigChange => ({ op: "add", backend, peer })),
      ...Array.from(this.#resolved, ([name, addresses]): ConfigChange => ({ op: "resolve", name, addresses })),
    ];
  }

  #find(backend: string, name: string): number {
    return this.#kept.findIndex((kept) => kept.backend === backend && kept.peer.name === name);
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

/** Detached from the caller's object, and sure to cross to a shard. */
function plainCopy(peer: PeerDefinition): PeerDefinition {
  try {
    return structuredClone(peer);
  } catch (cause) {
    throw new DefinitionError("CYG_CONFIG_DATA", peer.name, `connection '${peer.name}' is not plain data`, { cause });
  }
}
