import { LogGroup } from "@cygnet/plugin-api";
import type { ConnectionStore, Logger, PeerDefinition } from "@cygnet/plugin-api";
import { Host } from "@cygnet/plugin-api";
import type { ConnectionStoreImpl } from "@cygnet/ike";
import { lookup } from "node:dns/promises";

/**
 * Resolves the host names of connections as these are added, off the message path, and tells the shards. What does not resolve matches
 * nobody until it does.
 */
export class HostNames {
  constructor(
    private readonly connections: ConnectionStoreImpl,
    private readonly log: Logger,
  ) {}

  /** The store as plugins see it: adding a connection looks its names up. */
  resolving(store: ConnectionStoreImpl): ConnectionStore {
    return {
      add: async (backend, peer) => {
        await store.add(backend, peer);
        await Promise.all(namesOf(peer).map((name) => this.#resolve(name)));
      },
      remove: (backend, name) => store.remove(backend, name),
      list: () => store.list(),
      find: (name) => store.find(name),
    };
  }

  async #resolve(name: string): Promise<void> {
    try {
      const found = await lookup(name, { all: true });
      await this.connections.resolved(
        name,
        found.map(({ address }) => Host.of(address)),
      );
    } catch (error) {
      this.log.log(LogGroup.LIB, 1, `resolving '${name}' failed: ${(error as Error).message}`);
    }
  }
}

/** Entries that are neither address nor range nor `%any`. */
function namesOf(peer: PeerDefinition): string[] {
  const isName = (text: string): boolean =>
    !text.startsWith("%") && !text.includes("/") && !/^[\d.]+-[\d.]+$/.test(text) && !Host.parse(text) && !text.includes(":");
  return [...new Set([...peer.localAddresses, ...peer.remoteAddresses].filter(isName))];
}
