import type { SpanProfile, TimeProfile } from "@cygnet/plugin-api";
import { PROFILE_BUCKETS, bucketOf } from "./histogram.js";

/** Times of numbered kinds in typed arrays: recording one costs two additions, a comparison and a bit count. */
export class TimeTable {
  #counts: Float64Array;
  #totals: Float64Array;
  #maxima: Float64Array;
  #buckets: Float64Array;

  constructor(kinds: number) {
    this.#counts = new Float64Array(kinds);
    this.#totals = new Float64Array(kinds);
    this.#maxima = new Float64Array(kinds);
    this.#buckets = new Float64Array(kinds * PROFILE_BUCKETS);
  }

  record(kind: number, ms: number): void {
    const us = ms <= 0 ? 0 : ms * 1000;
    this.#counts[kind]++;
    this.#totals[kind] += us;
    if (us > this.#maxima[kind]) this.#maxima[kind] = us;
    this.#buckets[kind * PROFILE_BUCKETS + bucketOf(us)]++;
  }

  profile(kind: number): TimeProfile {
    const from = kind * PROFILE_BUCKETS;
    let end = from + PROFILE_BUCKETS;
    while (end > from && this.#buckets[end - 1] === 0) end--;
    return {
      count: this.#counts[kind],
      totalUs: this.#totals[kind],
      maxUs: this.#maxima[kind],
      histogram: Array.from(this.#buckets.subarray(from, end)),
    };
  }

  grow(kinds: number): void {
    this.#counts = grown(this.#counts, kinds);
    this.#totals = grown(this.#totals, kinds);
    this.#maxima = grown(this.#maxima, kinds);
    this.#buckets = grown(this.#buckets, kinds * PROFILE_BUCKETS);
  }

  reset(): void {
    for (const array of [this.#counts, this.#totals, this.#maxima, this.#buckets]) array.fill(0);
  }
}

/** Times of numbered kinds of things that go on for a while, which also tells of those that have not ended. */
export class SpanTable {
  readonly #times: TimeTable;
  #pending: Float64Array;
  /** Sums of the times at which the pending ones began. */
  #starts: Float64Array;

  constructor(kinds: number) {
    this.#times = new TimeTable(kinds);
    this.#pending = new Float64Array(kinds);
    this.#starts = new Float64Array(kinds);
  }

  begin(kind: number, nowMs: number): void {
    this.#pending[kind]++;
    this.#starts[kind] += nowMs;
  }

  /** @param startMs what was given to `begin` */
  end(kind: number, startMs: number, nowMs: number): void {
    this.#pending[kind]--;
    this.#starts[kind] -= startMs;
    this.#times.record(kind, nowMs - startMs);
  }

  /** One that nobody began. */
  record(kind: number, ms: number): void {
    this.#times.record(kind, ms);
  }

  pending(kind: number): number {
    return this.#pending[kind];
  }

  profile(kind: number, nowMs: number): SpanProfile {
    const pending = this.#pending[kind];
    const pendingUs = pending === 0 ? 0 : Math.max(0, pending * nowMs - this.#starts[kind]) * 1000;
    return { ...this.#times.profile(kind), pending, pendingUs };
  }

  grow(kinds: number): void {
    this.#times.grow(kinds);
    this.#pending = grown(this.#pending, kinds);
    this.#starts = grown(this.#starts, kinds);
  }

  /** Those that go on still count when they end. */
  reset(): void {
    this.#times.reset();
  }
}

/** A longer copy. */
export function grown(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(length);
  copy.set(array);
  return copy;
}
