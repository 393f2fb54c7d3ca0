import type { Host } from "@cygnet/plugin-api";

/** Places in a shard's row. */
enum Place {
  /** Half-open IKE_SAs as responder. */
  RESPONDER = 0,
  INITIATOR = 1,
  IKE_SAS = 2,
  JOBS = 3,
  BUCKETS = 4,
}

/** Buckets that half-open IKE_SAs are counted in by the peer's address. Addresses that share one are few, and nobody can choose them. */
const BUCKETS = 1 << 14;
const ROW = Place.BUCKETS + BUCKETS;
/** In front of the rows: the key that addresses are put into buckets by. */
const HEAD = 1;

/**
 * What the limits of the daemon as a whole are compared with: each shard counts in a row of its own of memory that all share, and reads the
 * others'. There is no lock, and no message; a figure of another shard may be a turn of its loop old.
 *
 * A half-open IKE_SA counts from when its first message was let in, still queued, until it is established or gone.
 */
export class DaemonCounts {
  readonly #cells: Int32Array;
  readonly #row: number;

  /** @param memory of `DaemonCounts.memory` */
  constructor(memory: SharedArrayBuffer, shard: number) {
    this.#cells = new Int32Array(memory);
    this.#row = HEAD + shard * ROW;
  }

  /** Memory for so many shards. @param key 32 random bits */
  static memory(shards: number, key: number): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT * (HEAD + shards * ROW));
    new Int32Array(memory)[0] = key;
    return memory;
  }

  /** Half-open IKE_SAs of the daemon as responder. */
  get halfOpen(): number {
    return this.#sum(Place.RESPONDER);
  }

  /** The same in both roles. */
  get connecting(): number {
    return this.halfOpen + this.#sum(Place.INITIATOR);
  }

  /** IKE_SAs of the daemon. */
  get ikeSas(): number {
    return this.#sum(Place.IKE_SAS);
  }

  /** IKE_SAs of this shard, as it said last. */
  get ownIkeSas(): number {
    return Atomics.load(this.#cells, this.#row + Place.IKE_SAS);
  }

  /** Queued jobs of the other shards. */
  get jobsElsewhere(): number {
    return this.#sum(Place.JOBS) - Atomics.load(this.#cells, this.#row + Place.JOBS);
  }

  /** Half-open IKE_SAs of the daemon as responder with an address, whatever its port. */
  halfOpenOf(remote: Host): number {
    return this.#sum(this.#bucket(remote));
  }

  enter(remote: Host): void {
    this.#add(Place.RESPONDER, 1);
    this.#add(this.#bucket(remote), 1);
  }

  leave(remote: Host): void {
    const bucket = this.#bucket(remote);
    if (Atomics.load(this.#cells, this.#row + bucket) === 0) return;
    this.#add(Place.RESPONDER, -1);
    this.#add(bucket, -1);
  }

  initiated(delta: 1 | -1): void {
    this.#add(Place.INITIATOR, delta);
  }

  /** An IKE_SA of this shard came to be, or is gone. */
  changed(delta: 1 | -1): void {
    this.#add(Place.IKE_SAS, delta);
  }

  /** Once a turn. */
  setJobs(queued: number): void {
    Atomics.store(this.#cells, this.#row + Place.JOBS, queued);
  }

  /** The shard is gone with all that it counted. */
  clear(): void {
    for (let place = 0; place < ROW; place++) Atomics.store(this.#cells, this.#row + place, 0);
  }

  #add(place: number, delta: number): void {
    Atomics.add(this.#cells, this.#row + place, delta);
  }

  #sum(place: number): number {
    const cells = this.#cells;
    let sum = 0;
    for (let at = HEAD + place; at < cells.length; at += ROW) sum += Atomics.load(cells, at);
    return sum;
  }

  #bucket({ address }: Host): number {
    let hash = this.#cells[0]!;
    for (const octet of address) hash = Math.imul(hash ^ octet, 0x01000193);
    hash ^= hash >>> 15;
    return Place.BUCKETS + ((Math.imul(hash, 0x2c1b3c6d) >>> 16) & (BUCKETS - 1));
  }
}
