/** Buckets per octave: a value is off by at most 1/256 of itself when the middle of its bucket is given. */
const SUB_BITS = 7;
const SUB_BUCKETS = 1 << SUB_BITS;
/** Values below this have a bucket of their own. */
const LINEAR = 2 * SUB_BUCKETS;
const MAX_BITS = 31;
const BUCKETS = LINEAR + (MAX_BITS - SUB_BITS - 1) * SUB_BUCKETS;
/** About 36 minutes in microseconds; longer ones count as this in the buckets, and exactly in `max` and `mean`. */
const MAX_VALUE = 2 ** MAX_BITS - 1;

/** One bucket that is not empty: values from `from` to below `to`, in microseconds. */
export interface LatencyBucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** All that a histogram has counted. Plain data. */
export interface LatencyCounts {
  readonly buckets: Uint32Array;
  readonly count: number;
  readonly sum: number;
  /** Infinity without values. */
  readonly min: number;
  readonly max: number;
}

/** Durations in microseconds, in log-linear buckets of a relative width below 0.8 %. 13 KB, whatever it counts. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = 0;

  get count(): number {
    return this.#count;
  }
  /** 0 without values, as `max`, `mean` and `percentile`. */
  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }
  get max(): number {
    return this.#max;
  }
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** @param micros rounded to whole microseconds; negative ones count as 0 */
  record(micros: number): void {
    const value = Math.max(0, Math.round(micros));
    this.#counts[bucketOf(Math.min(value, MAX_VALUE))]++;
    this.#count++;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  counts(): LatencyCounts {
    return { buckets: this.#counts.slice(), count: this.#count, sum: this.#sum, min: this.#min, max: this.#max };
  }

  /** Counts what another histogram has counted. */
  add({ buckets, count, sum, min, max }: LatencyCounts): void {
    for (let i = 0; i < BUCKETS; i++) this.#counts[i] += buckets[i];
    this.#count += count;
    this.#sum += sum;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
  }

  /** The value that `percent` of all are not above; off by less than 1 %. */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.ceil((Math.min(percent, 100) / 100) * this.#count));
    let below = 0;
    for (let i = 0; i < BUCKETS; i++) {
      below += this.#counts[i];
      if (this.#count > 0 && below >= rank) {
        const middle = (lowerBound(i) + lowerBound(i + 1) - 1) / 2;
        return Math.min(this.#max, Math.max(this.#min, middle));
      }
    }
    return 0;
  }

  /** The buckets that are not empty, in order. */
  buckets(): LatencyBucket[] {
    const buckets: LatencyBucket[] = [];
    this.#counts.forEach((count, i) => {
      if (count > 0) buckets.push({ from: lowerBound(i), to: lowerBound(i + 1), count });
    });
    return buckets;
  }
}

function bucketOf(value: number): number {
  if (value < LINEAR) return value;
  const shift = 31 - Math.clz32(value) - SUB_BITS;
  return LINEAR + (shift - 1) * SUB_BUCKETS + (value >>> shift) - SUB_BUCKETS;
}

function lowerBound(bucket: number): number {
  if (bucket < LINEAR) return bucket;
  const octave = Math.floor((bucket - LINEAR) / SUB_BUCKETS);
  return (SUB_BUCKETS + ((bucket - LINEAR) % SUB_BUCKETS)) * 2 ** (octave + 1);
}
