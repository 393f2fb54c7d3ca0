/** Buckets of a histogram: bucket 0 is below 1 us, bucket n is 2^(n-1) .. 2^n - 1 us, the last one is open (over 17 minutes). */
export const PROFILE_BUCKETS = 32;
/** Job types that are told apart; further names count as `other`. A name made of variable text would otherwise grow without bound. */
export const MAX_PROFILED_TYPES = 256;

/** Times of one kind of wait or work. Plain data. */
export interface TimeProfile {
  readonly totalUs: number;
  readonly maxUs: number;
  /** Counts per bucket, see `PROFILE_BUCKETS`. */
  readonly histogram: readonly number[];
}

/** What was measured of one job type. Plain data, fit to be sent to another thread. */
export interface JobTypeProfile {
  readonly name: string;
  readonly count: number;
  readonly failed: number;
  /** From queueing to start. */
  readonly wait: TimeProfile;
  /** From start to end, waiting of asynchronous jobs included. */
  readonly run: TimeProfile;
}

const FIRST_TYPES = 32;

/** Counters per job type in typed arrays: two additions and two bit counts per job. */
export class JobProfile {
  readonly #types = new Map<string, number>();
  #counts = new Float64Array(FIRST_TYPES);
  #failed = new Float64Array(FIRST_TYPES);
  #waits = new Times(FIRST_TYPES);
  #runs = new Times(FIRST_TYPES);

  /** The index of a job type for `record`. */
  type(name: string): number {
    return this.#types.get(name) ?? this.#add(name);
  }

  waited(type: number, ms: number): void {
    this.#waits.record(type, ms);
  }

  ran(type: number, ms: number, failed: boolean): void {
    this.#counts[type]++;
    if (failed) this.#failed[type]++;
    this.#runs.record(type, ms);
  }

  /** All types that ran, in order of appearance. */
  snapshot(): JobTypeProfile[] {
    const types: JobTypeProfile[] = [];
    for (const [name, type] of this.#types) {
      if (this.#counts[type] === 0) continue;
      types.push({
        name,
        count: this.#counts[type],
        failed: this.#failed[type],
        wait: this.#waits.profile(type),
        run: this.#runs.profile(type),
      });
    }
    return types;
  }

  reset(): void {
    this.#counts.fill(0);
    this.#failed.fill(0);
    this.#waits.reset();
    this.#runs.reset();
  }

  #add(name: string): number {
    if (this.#types.size >= MAX_PROFILED_TYPES - 1 && name !== "other") return this.type("other");
    const type = this.#types.size;
    this.#types.set(name, type);
    if (type >= this.#counts.length) {
      const capacity = type * 2;
      this.#counts = grown(this.#counts, capacity);
      this.#failed = grown(this.#failed, capacity);
      this.#waits.grow(capacity);
      this.#runs.grow(capacity);
    }
    return type;
  }
}

/**
 * An upper bound of the time that a share of the jobs stayed below, in microseconds: the end of the bucket it falls into.
 *
 * @param share 0..1, for example 0.99
 * @returns 0 when nothing was recorded
 */
export function percentileUs(profile: TimeProfile, share: number): number {
  const count = profile.histogram.reduce((sum, n) => sum + n, 0);
  let left = Math.ceil(count * share);
  for (let bucket = 0; bucket < profile.histogram.length; bucket++) {
    left -= profile.histogram[bucket];
    if (left <= 0 && count > 0) return Math.min(profile.maxUs, 2 ** bucket);
  }
  return profile.maxUs;
}

class Times {
  #totals: Float64Array;
  #maxima: Float64Array;
  #buckets: Float64Array;

  constructor(types: number) {
    this.#totals = new Float64Array(types);
    this.#maxima = new Float64Array(types);
    this.#buckets = new Float64Array(types * PROFILE_BUCKETS);
  }

  record(type: number, ms: number): void {
    const us = ms <= 0 ? 0 : ms * 1000;
    this.#totals[type] += us;
    if (us > this.#maxima[type]) this.#maxima[type] = us;
    const bucket = us >= 0x4000_0000 ? PROFILE_BUCKETS - 1 : 32 - Math.clz32(us);
    this.#buckets[type * PROFILE_BUCKETS + bucket]++;
  }

  profile(type: number): TimeProfile {
    const from = type * PROFILE_BUCKETS;
    const histogram = Array.from(this.#buckets.subarray(from, from + PROFILE_BUCKETS));
    return { totalUs: this.#totals[type], maxUs: this.#maxima[type], histogram };
  }

  grow(types: number): void {
    this.#totals = grown(this.#totals, types);
    this.#maxima = grown(this.#maxima, types);
    this.#buckets = grown(this.#buckets, types * PROFILE_BUCKETS);
  }

  reset(): void {
    this.#totals.fill(0);
    this.#maxima.fill(0);
    this.#buckets.fill(0);
  }
}

function grown(array: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const copy = new Float64Array(length);
  copy.set(array);
  return copy;
}
