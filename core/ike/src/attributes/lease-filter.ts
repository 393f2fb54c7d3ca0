import type { Family } from "@cygnet/plugin-api";

/** Two bits per identity: of 250,000 one in 300 newcomers seems to be known, of a million one in 20. That costs a question, no mistake. */
const PLACE_BITS = 23;
const PLACE_SHIFT = 32 - PLACE_BITS;
const FILTER_BYTES = 2 ** PLACE_BITS / 8;

/**
 * Which identities may have a lease of a family, online or offline, in memory that control and all shards share; and how many releases each shard has told
 * control of, or is about to. So a shard that leases an address to a peer that surely has none asks nobody, and control knows when it has to
 * hear of a release first. No locks: bits are only ever added while there are pools.
 */
export class LeaseFilter {
  readonly #releases: Int32Array;
  readonly #bits: Int32Array;

  /** @param memory of `LeaseFilter.memory` */
  constructor(
    memory: SharedArrayBuffer,
    readonly shards: number,
  ) {
    this.#releases = new Int32Array(memory, 0, shards);
    this.#bits = new Int32Array(memory, shards * Int32Array.BYTES_PER_ELEMENT);
  }

  static memory(shards: number): SharedArrayBuffer {
    return new SharedArrayBuffer(shards * Int32Array.BYTES_PER_ELEMENT + FILTER_BYTES);
  }

  /** An identity gets a lease. Before anybody else can hear of it. */
  add(identity: string, family: Family): void {
    const hash = hashOf(identity, family);
    this.#set(firstBit(hash));
    this.#set(secondBit(hash));
  }

  /** False only for who surely has no lease. */
  mayHave(identity: string, family: Family): boolean {
    const hash = hashOf(identity, family);
    return this.#has(firstBit(hash)) && this.#has(secondBit(hash));
  }

  /** Nobody has a lease, and nobody can have one before this is done. */
  clear(): void {
    this.#bits.fill(0);
  }

  /** A shard releases an address, before control is told. */
  released(shard: number): void {
    Atomics.add(this.#releases, shard, 1);
  }

  /** How often a shard did so, modulo 2^32. */
  releases(shard: number): number {
    return Atomics.load(this.#releases, shard);
  }

  #set(bit: number): void {
    Atomics.or(this.#bits, bit >>> 5, 1 << (bit & 31));
  }

  #has(bit: number): boolean {
    return (Atomics.load(this.#bits, bit >>> 5) & (1 << (bit & 31))) !== 0;
  }
}

/** FNV-1a of the family and the text. */
function hashOf(identity: string, family: Family): number {
  let hash = Math.imul(0x811c9dc5 ^ family, 0x01000193);
  for (let i = 0; i < identity.length; i++) hash = Math.imul(hash ^ identity.charCodeAt(i), 0x01000193);
  return hash;
}

/** Two places for a hash, which have little to do with each other. */
function firstBit(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> PLACE_SHIFT;
}

function secondBit(hash: number): number {
  return Math.imul(hash ^ (hash >>> 13), 0x297a2d39) >>> PLACE_SHIFT;
}
