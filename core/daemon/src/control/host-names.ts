import { LogGroup } from "@cygnet/plugin-api";
import type { ConnectionStore, Host, Logger } from "@cygnet/plugin-api";
import type { ConnectionStoreImpl } from "@cygnet/ike";
import type { Timer, TimerSource } from "@cygnet/runtime";
import type { HostLookup } from "./host-lookup.js";

/** A name in use is looked up again so often, since it may come to stand for another address. */
const REFRESH_MS = 60_000;

/** What host names are resolved with. */
export interface HostNamesParts {
  readonly lookup: HostLookup;
  /** Look-ups at a time. */
  readonly maxLookups: number;
  readonly timers: TimerSource;
  readonly log: Logger;
  /** The connections that have the names; asked once something is to be resolved. */
  readonly connections: () => Pick<ConnectionStoreImpl, "hostNames" | "resolved">;
}

interface Wanted {
  readonly name: string;
  readonly done: Promise<readonly Host[]>;
  readonly begin: () => void;
}

/**
 * Knows what the host names of connections stand for. Looks them up in the background as connections are added, every minute, and when a
 * shard initiates, and tells the shards, so that a name matches whoever comes from one of its addresses.
 *
 * A name keeps the addresses it had while it does not resolve.
 */
export class HostNames {
  readonly #known = new Map<string, readonly Host[]>();
  readonly #failing = new Set<string>();
  /** Look-ups that were asked for, those under way included. */
  readonly #wanted = new Map<string, Wanted>();
  readonly #queue: Wanted[] = [];
  readonly #refresh: Timer;
  readonly #end = new AbortController();
  #underWay = 0;
  #isArmed = false;

  constructor(private readonly parts: HostNamesParts) {
    this.#refresh = parts.timers.timer(() => this.#lookUpAll());
  }

  /** The store as plugins see it: adding a connection has its names looked up, without waiting for that. */
  resolving(store: ConnectionStoreImpl): ConnectionStore {
    return {
      add: async (backend, peer) => {
        await store.add(backend, peer);
        const names = store.hostNames(peer.name);
        for (const name of names) this.#want(name);
        if (names.size > 0) this.#armRefresh();
      },
      remove: (backend, name) => store.remove(backend, name),
      list: () => store.list(),
      find: (name) => store.find(name),
    };
  }

  /** Looks a name up, before those that nobody waits for. @returns its addresses, none where it never had any; never rejects */
  resolve(name: string): Promise<readonly Host[]> {
    const wanted = this.#want(name);
    const at = this.#queue.indexOf(wanted);
    if (at > 0) this.#queue.unshift(...this.#queue.splice(at, 1));
    return wanted.done;
  }

  /** Gives up what is under way. */
  close(): void {
    this.#end.abort();
    this.#refresh.disarm();
  }

  #lookUpAll(): void {
    this.#isArmed = false;
    const names = this.parts.connections().hostNames();
    for (const name of names) this.#want(name);
    if (names.size > 0) this.#armRefresh();
  }

  #armRefresh(): void {
    if (this.#isArmed || this.#end.signal.aborted) return;
    this.#isArmed = true;
    this.#refresh.arm(REFRESH_MS);
  }

  #want(name: string): Wanted {
    const found = this.#wanted.get(name);
    if (found) return found;
    let begin!: () => void;
    const turn = new Promise<void>((resolve) => (begin = resolve));
    const wanted = { name, begin, done: turn.then(() => this.#lookUp(name)) };
    this.#wanted.set(name, wanted);
    this.#queue.push(wanted);
    this.#next();
    return wanted;
  }

  #next(): void {
    while (this.#underWay < this.parts.maxLookups && this.#queue.length > 0) {
      this.#underWay++;
      this.#queue.shift()!.begin();
    }
  }

  async #lookUp(name: string): Promise<readonly Host[]> {
    const { lookup, connections, log } = this.parts;
    try {
      const hosts = await lookup(name, this.#end.signal);
      this.#known.set(name, hosts);
      this.#failing.delete(name);
      await connections().resolved(name, hosts);
    } catch (error) {
      // Said once at the usual level, and not each minute.
      if (!this.#end.signal.aborted)
        log.log(LogGroup.LIB, this.#failing.has(name) ? 2 : 1, `resolving '${name}' failed: ${(error as Error).message}`);
      this.#failing.add(name);
    }
    this.#underWay--;
    this.#wanted.delete(name);
    if (!this.#end.signal.aborted) this.#next();
    return this.#known.get(name) ?? [];
  }
}
