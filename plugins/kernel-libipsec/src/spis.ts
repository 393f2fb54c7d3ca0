import { randomInt } from "node:crypto";

/** Which SPIs there are to choose from. */
export interface SpiRange {
  readonly min: number;
  readonly max: number;
}

/** Draws before a range counts as used up. */
const TRIES = 1000;

/** SPIs of inbound SAs. Shards do not ask one another: each has those that leave its own rest. */
export class Spis {
  readonly #used = new Set<number>();

  constructor(
    private readonly range: SpiRange,
    private readonly shard: number,
    private readonly shards: number,
  ) {}

  /** @returns undefined when none seems to be left */
  allocate(): number | undefined {
    const { min, max } = this.range;
    for (let i = 0; i < TRIES; i++) {
      // What randomInt draws from has at most 48 bits.
      const drawn = randomInt(min, max + 1);
      const spi = drawn - (drawn % this.shards) + this.shard;
      if (spi < min || spi > max || this.#used.has(spi)) continue;
      this.#used.add(spi);
      return spi;
    }
    return undefined;
  }

  release(spi: number): void {
    this.#used.delete(spi);
  }
}
