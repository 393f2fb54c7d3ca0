import { isDeepStrictEqual } from "node:util";
import { DefinitionError, LogGroup } from "@cygnet/plugin-api";
import type { ChildDefinition, ConnectionStore, Logger, PeerDefinition } from "@cygnet/plugin-api";
import { CommandFailed } from "./command-failed.js";
import { optionOf, settingsWithoutEffect } from "./definition/index.js";
import type { StartActions } from "./start-actions.js";

/** Under which name connections of this plugin stand in the store. */
const BACKEND = "vici";

/** What the connections are kept with. */
export interface ViciConnectionsParts {
  readonly connections: ConnectionStore;
  readonly actions: StartActions;
  readonly log: Logger;
}

/**
 * The connections that were loaded over the vici socket. One that is loaded again as it was stays as it is, with its SAs; of one that
 * differs in its children only, the others stay. Changes are made one after the other.
 */
export class ViciConnections {
  readonly #parts: ViciConnectionsParts;
  readonly #loaded = new Map<string, PeerDefinition>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: ViciConnectionsParts) {
    this.#parts = parts;
  }

  /** In the order in which they were first loaded. */
  names(): readonly string[] {
    return [...this.#loaded.keys()];
  }

  /** @throws {CommandFailed} for one that cannot be used; nothing has changed then */
  load(peer: PeerDefinition): Promise<void> {
    return this.#inOrder(async () => {
      const { actions, log } = this.#parts;
      const old = this.#loaded.get(peer.name);
      if (old && isDeepStrictEqual(old, peer)) return;
      await this.#store(peer);
      this.#loaded.set(peer.name, peer);
      const isSame = old !== undefined && hasEqualTerms(old, peer);
      log.log(LogGroup.CFG, 1, `${old ? (isSame ? "updated" : "replaced") : "added"} vici connection: ${peer.name}`);
      const idle = settingsWithoutEffect(peer);
      if (idle.length > 0) log.log(LogGroup.CFG, 1, `connection '${peer.name}': no effect in this release: ${idle.join(", ")}`);
      // What a child that stays does, it goes on doing.
      const isIn = (child: ChildDefinition, others: PeerDefinition | undefined): boolean =>
        isSame && others?.children.some((other) => isDeepStrictEqual(other, child)) === true;
      const gone = old?.children.filter((child) => !isIn(child, peer)) ?? [];
      await actions.clear(peer, gone, isSame && peer.children.length > 0);
      for (const child of peer.children) if (!isIn(child, old)) await actions.run(peer, child);
    });
  }

  /** Undoes what was started for it. @returns whether there was one */
  unload(name: string): Promise<boolean> {
    return this.#inOrder(async () => {
      const { actions, connections, log } = this.#parts;
      const peer = this.#loaded.get(name);
      if (!peer) return false;
      await connections.remove(BACKEND, name);
      this.#loaded.delete(name);
      log.log(LogGroup.CFG, 1, `removed vici connection: ${name}`);
      await actions.clear(peer, peer.children, false);
      return true;
    });
  }

  /** Removes everything; SAs are the daemon's to end. */
  clear(): Promise<void> {
    return this.#inOrder(async () => {
      for (const name of this.#loaded.keys()) await this.#parts.connections.remove(BACKEND, name);
      this.#loaded.clear();
    });
  }

  async #store(peer: PeerDefinition): Promise<void> {
    try {
      await this.#parts.connections.add(BACKEND, peer);
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      this.#parts.log.log(LogGroup.CFG, 1, `vici connection '${peer.name}' not loaded, ${error.where}: ${error.message}`);
      const child = peer.children.find(({ name }) => error.where.startsWith(`${peer.name}.children.${name}.`));
      throw new CommandFailed(`invalid value for: ${optionOf(error.where, child?.protocol)}, config discarded`);
    }
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

const hasEqualTerms = (a: PeerDefinition, b: PeerDefinition): boolean =>
  isDeepStrictEqual({ ...a, children: [] }, { ...b, children: [] });
