/** Shards that can be told apart, a power of two: as many as a daemon has at most. */
const SHARDS = 64;

/**
 * Tags on what this daemon has in the kernel, so that the next one knows what a killed one has left: a number for each SA in its `seq`, which nothing
 * else uses once it is there, and one for each policy in its `index`. They come of a seed that is the daemon's alone, so that nobody else's SA or policy
 * has the right number other than by an accident of one in 2^26, or 2^29. That of an SA tells its shard, too. A policy's cannot: shards share policies.
 */
export class OwnTags {
  /** @param seed 32 bits */
  constructor(
    private readonly seed: number,
    private readonly shard = 0,
  ) {}

  /** Of an SA of this shard. Not of its addresses, which may change. @param protocol of IP */
  sa(spi: number, protocol: number): number {
    return (this.#ofSa(spi, protocol) ^ this.shard) >>> 0;
  }

  /** The shard whose SA has this tag, undefined where it is none of ours. */
  shardOf(tag: number, spi: number, protocol: number): number | undefined {
    const shard = (tag ^ this.#ofSa(spi, protocol)) >>> 0;
    // Nobody else tags: theirs have 0.
    return tag !== 0 && shard < SHARDS ? shard : undefined;
  }

  /** Of a policy; the lowest three bits are its direction, as the kernel has it. @param key names the policy */
  policy(key: string, direction: number): number {
    let hash = this.seed;
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
    // Above 8, as 0 is none.
    const number = mix(hash) & ~7 || 8;
    return (number | direction) >>> 0;
  }

  #ofSa(spi: number, protocol: number): number {
    return mix(mix(this.seed ^ spi) ^ protocol);
  }
}

/** Each bit of the result depends on all of the argument. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
