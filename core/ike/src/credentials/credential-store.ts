import type { CredentialStore, MaybePromise, SharedSecret } from "@cygnet/plugin-api";
import { Identification } from "../identity/index.js";
import type { SecretChange } from "./secret-store.js";

/**
 * The shared secrets of the daemon, on control. Keeps its own copies for shards that start later, and zeroes them when they go.
 *
 * Changes are made one after the other, in the order of the calls. No secret ever gets into a message or an error.
 */
export class CredentialStoreImpl implements CredentialStore {
  readonly #sets = new Map<string, readonly SharedSecret[]>();
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param broadcast resolves when every shard has applied the change. The secrets in it are copies made for this call, which are zeroed
   *   when it settles.
   */
  constructor(private readonly broadcast: (change: SecretChange) => Promise<void>) {}

  async replaceSecrets(set: string, secrets: readonly SharedSecret[]): Promise<void> {
    for (const { owners } of secrets) for (const owner of owners) Identification.parse(owner);
    const own = copySecrets(secrets);
    await this.#inOrder(async () => {
      try {
        await this.#tell({ op: "replace", set, secrets: copySecrets(own) });
      } catch (error) {
        wipe(own);
        throw error;
      }
      wipe(this.#sets.get(set) ?? []);
      this.#sets.set(set, own);
    });
  }

  async removeSet(set: string): Promise<void> {
    await this.#inOrder(async () => {
      const held = this.#sets.get(set);
      if (!held) return;
      await this.#tell({ op: "remove", set });
      this.#sets.delete(set);
      wipe(held);
    });
  }

  listSecrets(): readonly { readonly set: string; readonly type: SharedSecret["type"]; readonly owners: readonly string[] }[] {
    return [...this.#sets].flatMap(([set, secrets]) => secrets.map(({ type, owners }) => ({ set, type, owners })));
  }

  /** Has a shard that starts now apply what there is, before any later change. The copies made for it are zeroed. */
  initialize(apply: (change: SecretChange) => MaybePromise<void>): Promise<void> {
    return this.#inOrder(async () => {
      for (const change of this.snapshot()) {
        try {
          await apply(change);
        } finally {
          if (change.op === "replace") wipe(change.secrets);
        }
      }
    });
  }

  /** What a shard that starts now has to apply. Holds copies of the secrets: zero them once they are sent. */
  snapshot(): readonly SecretChange[] {
    return [...this.#sets].map(([set, secrets]) => ({ op: "replace", set, secrets: copySecrets(secrets) }));
  }

  /** Zeroes all secrets kept here, at shutdown; the shards' copies are theirs. */
  clear(): void {
    for (const secrets of this.#sets.values()) wipe(secrets);
    this.#sets.clear();
  }

  async #tell(change: SecretChange): Promise<void> {
    try {
      await this.broadcast(change);
    } finally {
      if (change.op === "replace") wipe(change.secrets);
    }
  }

  #inOrder<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#last.then(change);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function copySecrets(secrets: readonly SharedSecret[]): readonly SharedSecret[] {
  return secrets.map(({ type, owners, secret }) => ({ type, owners: [...owners], secret: new Uint8Array(secret) }));
}

function wipe(secrets: readonly SharedSecret[]): void {
  for (const { secret } of secrets) secret.fill(0);
}
