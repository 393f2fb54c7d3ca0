import type { AddressRange } from "./attribute-change.js";

/** Addresses that a shard leases from by itself. */
interface Block extends AddressRange {
  readonly shard: number;
  /** How many of them nobody has, as far as control was told. */
  unused: number;
}

/**
 * The addresses of a pool that nobody had so far, by their place in the pool: those here, and those that shards were granted in blocks.
 * Proportional to the number of ranges, not to the size of the pool. It does not know leases, and asks for them.
 */
export class FreshAddresses {
  /** Addresses from here on were never given away other than by request, which `isLeased` tells. */
  #frontier = 0;
  /** What shards gave back: before the frontier, in order, not adjacent. */
  #returned: AddressRange[] = [];
  #blocks: Block[] = [];

  constructor(
    private readonly size: number,
    private readonly isLeased: (offset: number) => boolean,
  ) {}

  /** How many are with shards. */
  get granted(): number {
    return this.#blocks.reduce((sum, { unused }) => sum + unused, 0);
  }

  /** The shards that have some. */
  get holders(): readonly number[] {
    return [...new Set(this.#blocks.map(({ shard }) => shard))];
  }

  /** The shard that has this one, -1 for none. */
  holderOf(offset: number): number {
    if (this.isLeased(offset)) return -1;
    return this.#blocks.find(({ from, to }) => from <= offset && offset < to)?.shard ?? -1;
  }

  /** Takes the lowest that is here, -1 when there is none. */
  takeLowest(): number {
    const [first] = this.#returned;
    if (first) {
      this.#replace(0, first.from + 1, first.to);
      return first.from;
    }
    this.#skipLeased();
    return this.#frontier < this.size ? this.#frontier++ : -1;
  }

  /** Takes one that is asked for. @returns whether it was here */
  take(offset: number): boolean {
    if (this.isLeased(offset)) return false;
    // Whoever takes it leases it, and so the frontier passes over it.
    if (offset >= this.#frontier) return true;
    const at = this.#returned.findIndex(({ from, to }) => from <= offset && offset < to);
    if (at < 0) return false;
    const { from, to } = this.#returned[at]!;
    this.#replace(at, offset + 1, to);
    if (from < offset) this.#returned.splice(at, 0, { from, to: offset });
    return true;
  }

  /** Takes up to `count` of the lowest for a shard. */
  grant(shard: number, count: number): readonly AddressRange[] {
    const ranges: AddressRange[] = [];
    for (let left = count; left > 0;) {
      const range = this.#takeRange(left);
      if (!range) break;
      ranges.push(range);
      left -= range.to - range.from;
      this.#blocks.push({ ...range, shard, unused: range.to - range.from });
    }
    return ranges;
  }

  /** A shard has leased one of its own. */
  used(shard: number, offset: number): void {
    const block = this.#blocks.find((each) => each.shard === shard && each.from <= offset && offset < each.to);
    if (block && --block.unused === 0) this.#blocks.splice(this.#blocks.indexOf(block), 1);
  }

  /** A shard gives back all that is left of what it has. */
  giveBack(shard: number, ranges: readonly AddressRange[]): void {
    this.#blocks = this.#blocks.filter((block) => block.shard !== shard);
    for (const range of ranges) this.#return(range);
  }

  /** A shard is gone with what it has: all of it comes back that has no lease. */
  reclaim(shard: number): void {
    const left: AddressRange[] = [];
    for (const block of this.#blocks) {
      if (block.shard !== shard) continue;
      for (let from = block.from, to; from < block.to; from = to + 1) {
        for (to = from; to < block.to && !this.isLeased(to);) to++;
        if (from < to) left.push({ from, to });
      }
    }
    this.giveBack(shard, left);
  }

  #takeRange(count: number): AddressRange | undefined {
    const [first] = this.#returned;
    if (first) {
      const to = Math.min(first.to, first.from + count);
      this.#replace(0, to, first.to);
      return { from: first.from, to };
    }
    this.#skipLeased();
    const from = this.#frontier;
    const end = Math.min(this.size, from + count);
    while (this.#frontier < end && !this.isLeased(this.#frontier)) this.#frontier++;
    return from < this.#frontier ? { from, to: this.#frontier } : undefined;
  }

  #skipLeased(): void {
    while (this.#frontier < this.size && this.isLeased(this.#frontier)) this.#frontier++;
  }

  /** What is left of a returned range. */
  #replace(at: number, from: number, to: number): void {
    if (from < to) this.#returned[at] = { from, to };
    else this.#returned.splice(at, 1);
  }

  #return({ from, to }: AddressRange): void {
    const found = this.#returned.findIndex((range) => range.from > from);
    const at = found < 0 ? this.#returned.length : found;
    const [before, after] = [this.#returned[at - 1], this.#returned[at]];
    const [joinsBefore, joinsAfter] = [before?.to === from, after?.from === to];
    const joined = { from: joinsBefore ? before!.from : from, to: joinsAfter ? after!.to : to };
    this.#returned.splice(joinsBefore ? at - 1 : at, Number(joinsBefore) + Number(joinsAfter), joined);
  }
}
