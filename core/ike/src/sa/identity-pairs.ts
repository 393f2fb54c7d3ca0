/** Counters per shard, one for each hash of a pair of identities. More pairs than this share counters, which costs questions, not mistakes. */
const BUCKETS = 1 << 20;
/** In front of the rows: the number that the next IKE_SA gets. */
const HEAD_BYTES = 4;
/** A counter that got here stays: what it lost count of may still be there. */
const FULL = 255;

/**
 * Which pairs of identities may have an IKE_SA on which shard, in memory that all shards share: so that a shard asks others only about those
 * that are (nearly always) there. No locks: who adds first and looks then is seen by whoever does the same.
 */
export class IdentityPairs {
  readonly #order: Int32Array;
  readonly #counts: Uint8Array;
  readonly #row: number;

  /** @param memory of `IdentityPairs.memory` */
  constructor(memory: SharedArrayBuffer, shard: number) {
    this.#order = new Int32Array(memory, 0, 1);
    this.#counts = new Uint8Array(memory, HEAD_BYTES);
    this.#row = shard * BUCKETS;
  }

  /** Memory for so many shards; a single one needs none to speak of. */
  static memory(shards: number): SharedArrayBuffer {
    return new SharedArrayBuffer(HEAD_BYTES + (shards > 1 ? shards * BUCKETS : 0));
  }

  /** A number that is higher than all before it, on any shard. */
  next(): number {
    return Atomics.add(this.#order, 0, 1) + 1;
  }

  add(pair: string): void {
    if (this.#isAlone) return;
    const at = this.#row + bucketOf(pair);
    const count = Atomics.load(this.#counts, at);
    if (count < FULL) Atomics.store(this.#counts, at, count + 1);
  }

  remove(pair: string): void {
    if (this.#isAlone) return;
    const at = this.#row + bucketOf(pair);
    const count = Atomics.load(this.#counts, at);
    if (count > 0 && count < FULL) Atomics.store(this.#counts, at, count - 1);
  }

  /** Whether another shard may have an IKE_SA of the pair. */
  isElsewhere(pair: string): boolean {
    const bucket = bucketOf(pair);
    for (let row = 0; row < this.#counts.length; row += BUCKETS) {
      if (row !== this.#row && Atomics.load(this.#counts, row + bucket) > 0) return true;
    }
    return false;
  }

  /** The shard is gone with all that it had. */
  clear(): void {
    if (!this.#isAlone) this.#counts.fill(0, this.#row, this.#row + BUCKETS);
  }

  get #isAlone(): boolean {
    return this.#counts.length === 0;
  }
}

const bucketOf = (pair: string): number => pairHash(pair) >>> 12;

/** A hash of a pair of identities, 1 .. 2^32-1. */
export function pairHash(pair: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < pair.length; i++) hash = Math.imul(hash ^ pair.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0 || 1;
}
