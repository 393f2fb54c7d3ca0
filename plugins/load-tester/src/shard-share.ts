/** One of so many shards, numbered from 0. */
export interface ShardPlace {
  readonly shard: number;
  readonly shards: number;
}

/** Of a daemon with one shard. */
export const ONLY_SHARD: ShardPlace = { shard: 0, shards: 1 };

/** A shard's share of a daemon's initiators, of which number i is on shard i modulo shards, and of what they share. */
export class ShardShare {
  /** How many initiators are on this shard. */
  readonly initiators: number;

  /** @param all initiators of the daemon */
  constructor(
    private readonly all: number,
    private readonly place: ShardPlace,
  ) {
    this.initiators = dealt(all, place.shards, place.shard);
  }

  /** Of so many things for all initiators, as many as those of this shard get. The shares of all shards add up to `count`. */
  of(count: number): number {
    let sum = 0;
    for (let i = this.place.shard; i < this.all; i += this.place.shards) sum += dealt(count, this.all, i);
    return sum;
  }

  /** Of a limit, which is at least 1: 0 would be none. */
  ofLimit(limit: number): number {
    return limit === 0 ? 0 : Math.max(1, this.of(limit));
  }
}

/** What the one with this index gets of `count` things that are dealt one by one to so many. */
function dealt(count: number, players: number, index: number): number {
  return Math.max(0, Math.ceil((count - index) / players));
}
