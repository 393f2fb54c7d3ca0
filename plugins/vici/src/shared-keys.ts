import type { CredentialStore, SharedSecret } from "@cygnet/plugin-api";
import { DefinitionError } from "@cygnet/plugin-api";
import { CommandFailed } from "./command-failed.js";

/** Sets of this plugin in the store begin so; each secret is a set of its own, so that it can be replaced by itself. */
const SET = "vici.";

/** The secrets that were loaded over the vici socket, by their unique ids where they have one. */
export class SharedKeys {
  /** Sets by id. */
  readonly #named = new Map<string, string>();
  readonly #anonymous = new Set<string>();
  #next = 1;

  constructor(private readonly credentials: CredentialStore) {}

  ids(): readonly string[] {
    return [...this.#named.keys()];
  }

  /** Adds a secret, or puts it in the place of the one that has its id. @throws {CommandFailed} for an owner that is no identity */
  async load(id: string | undefined, secret: SharedSecret): Promise<void> {
    const known = id === undefined ? undefined : this.#named.get(id);
    const set = known ?? `${SET}${this.#next++}`;
    try {
      await this.credentials.replaceSecrets(set, [secret]);
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      throw new CommandFailed("parsing shared key owners failed");
    }
    if (id === undefined || id === "") this.#anonymous.add(set);
    else this.#named.set(id, set);
  }

  /** @returns whether there was one */
  async unload(id: string): Promise<boolean> {
    const set = this.#named.get(id);
    if (set === undefined) return false;
    this.#named.delete(id);
    await this.credentials.removeSet(set);
    return true;
  }

  async clear(): Promise<void> {
    const sets = [...this.#named.values(), ...this.#anonymous];
    this.#named.clear();
    this.#anonymous.clear();
    for (const set of sets) await this.credentials.removeSet(set);
  }
}
