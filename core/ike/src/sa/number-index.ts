const FIRST_CAPACITY = 1024;
/** Multiplier of Fibonacci hashing: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e37_79b1;

/**
 * Numbers by numbers: a hash table of 8 octets per place in typed arrays, with nothing for the garbage collector and no pause of tens of
 * milliseconds when a large one grows. Keys are 1 .. 2^32-1, values 0 .. 2^32-1.
 *
 * Linear probing, at most three quarters full; what is behind a deleted key moves up, so that no graves are left.
 */
export class NumberIndex {
  /** 0 for a free place. */
  #keys = new Uint32Array(FIRST_CAPACITY);
  #values = new Uint32Array(FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #shift = 32 - Math.log2(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: number): number | undefined {
    const at = this.#find(key);
    return this.#keys[at] === key ? this.#values[at] : undefined;
  }

  has(key: number): boolean {
    return key !== 0 && this.#keys[this.#find(key)] === key;
  }

  set(key: number, value: number): void {
    if ((this.#size + 1) * 4 > this.#keys.length * 3) this.#resize(this.#keys.length * 2);
    const at = this.#find(key);
    if (this.#keys[at] === 0) this.#size++;
    this.#keys[at] = key;
    this.#values[at] = value;
  }

  /** @returns whether it was there */
  delete(key: number): boolean {
    const keys = this.#keys;
    const mask = this.#mask;
    let hole = this.#find(key);
    if (key === 0 || keys[hole] !== key) return false;
    for (let at = (hole + 1) & mask; keys[at] !== 0; at = (at + 1) & mask) {
      // One that hashes behind the hole stays where it is.
      const home = this.#home(keys[at]!);
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      keys[hole] = keys[at]!;
      this.#values[hole] = this.#values[at]!;
      hole = at;
    }
    keys[hole] = 0;
    this.#size--;
    if (keys.length > FIRST_CAPACITY && this.#size * 8 < keys.length) this.#resize(keys.length / 2);
    return true;
  }

  #home(key: number): number {
    return Math.imul(key, SPREAD) >>> this.#shift;
  }

  /** Where a key is, or else the free place it would go to. */
  #find(key: number): number {
    const keys = this.#keys;
    let at = this.#home(key);
    while (keys[at] !== 0 && keys[at] !== key) at = (at + 1) & this.#mask;
    return at;
  }

  #resize(capacity: number): void {
    const keys = this.#keys;
    const values = this.#values;
    this.#keys = new Uint32Array(capacity);
    this.#values = new Uint32Array(capacity);
    this.#mask = capacity - 1;
    this.#shift = 32 - Math.log2(capacity);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      if (key === 0) continue;
      const at = this.#find(key);
      this.#keys[at] = key;
      this.#values[at] = values[i]!;
    }
  }
}
