/** What is drawn, in a shard's row. */
enum Drawn {
  IKE_SAS = 0,
  CHILD_SAS = 1,
  ROW = 2,
}

/** Which shard of how many. */
export interface ShardPlace {
  readonly index: number;
  readonly shards: number;
}

/**
 * Numbers of IKE_SAs and CHILD_SAs that are unique in the life of the daemon: of n shards, each takes every n-th. How many a shard has drawn is
 * kept in shared memory, so that one that takes its place goes on from there.
 */
export class SaNumbers {
  readonly #drawn: Uint32Array;
  readonly #row: number;

  /** @param memory of `SaNumbers.memory` */
  constructor(
    memory: SharedArrayBuffer,
    private readonly place: ShardPlace,
  ) {
    this.#drawn = new Uint32Array(memory);
    this.#row = place.index * Drawn.ROW;
  }

  /** Memory for so many shards. */
  static memory(shards: number): SharedArrayBuffer {
    return new SharedArrayBuffer(Uint32Array.BYTES_PER_ELEMENT * Drawn.ROW * shards);
  }

  nextIkeSa(): number {
    return this.#next(Drawn.IKE_SAS);
  }

  nextChildSa(): number {
    return this.#next(Drawn.CHILD_SAS);
  }

  #next(what: Drawn): number {
    const { index, shards } = this.place;
    return 1 + index + Atomics.add(this.#drawn, this.#row + what, 1) * shards;
  }
}
