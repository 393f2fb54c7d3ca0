/** One provider of one algorithm. */
export interface Provider<T> {
  readonly plugin: string;
  readonly id: number;
  /** Key size that is part of the algorithm's identity, 0 for none. */
  readonly keyBytes: number;
  readonly algorithm: T;
}

/** Algorithms of one kind: several providers each, the earliest is used. */
export class ProviderTable<T> {
  readonly #providers: Provider<T>[] = [];
  readonly #first = new Map<number, T>();

  /** The first provider's algorithm. */
  get(id: number, keyBytes: number): T | undefined {
    return this.#first.get(keyNumber(id, keyBytes));
  }

  /** Adds a provider behind the others. @returns the undo, which gives its place to the next one */
  add(provider: Provider<T>): () => void {
    this.#providers.push(provider);
    const key = keyOf(provider);
    if (!this.#first.has(key)) this.#first.set(key, provider.algorithm);
    return () => {
      const at = this.#providers.indexOf(provider);
      if (at < 0) return;
      this.#providers.splice(at, 1);
      const next = this.#providers.find((other) => keyOf(other) === key);
      if (next === undefined) this.#first.delete(key);
      else this.#first.set(key, next.algorithm);
    };
  }

  /** All providers in order of registration. */
  all(): readonly Provider<T>[] {
    return this.#providers;
  }

  /** The providers in use, in order of registration. */
  inUse(): Provider<T>[] {
    return this.#providers.filter((provider) => this.#first.get(keyOf(provider)) === provider.algorithm);
  }
}

/** The number of a key exchange method can be 65536 (a custom MODP group), so the key size starts above that. */
function keyNumber(id: number, keyBytes: number): number {
  return keyBytes * 0x20000 + id;
}

function keyOf({ id, keyBytes }: Provider<unknown>): number {
  return keyNumber(id, keyBytes);
}
