import type { PluginTimeProfile } from "@cygnet/plugin-api";
import { TimeTable } from "./time-table.js";

const FIRST_KINDS = 32;
/** As for job types: names of jobs are the plugins' to choose. */
const MAX_KINDS = 512;
const REST = "other";

/** What code of plugins kept the thread of this, by plugin and occasion. */
export class PluginTimes {
  readonly #kinds = new Map<string, Map<string, number>>();
  readonly #names: { readonly plugin: string; readonly what: string }[] = [];
  readonly #times = new TimeTable(FIRST_KINDS);
  #capacity = FIRST_KINDS;

  record(plugin: string, what: string, ms: number): void {
    this.#times.record(this.#kinds.get(plugin)?.get(what) ?? this.#add(plugin, what), ms);
  }

  /** All that occurred, in order of appearance. */
  profile(): PluginTimeProfile[] {
    return this.#names.map(({ plugin, what }, kind) => ({ plugin, what, run: this.#times.profile(kind) }));
  }

  #add(plugin: string, what: string): number {
    if (this.#names.length >= MAX_KINDS - 1 && what !== REST) {
      const rest = this.#kinds.get(REST)?.get(REST);
      if (rest !== undefined) return rest;
      return this.#add(REST, REST);
    }
    const kind = this.#names.push({ plugin, what }) - 1;
    let own = this.#kinds.get(plugin);
    if (!own) this.#kinds.set(plugin, (own = new Map()));
    own.set(what, kind);
    if (kind >= this.#capacity) this.#times.grow((this.#capacity = kind * 2));
    return kind;
  }
}
