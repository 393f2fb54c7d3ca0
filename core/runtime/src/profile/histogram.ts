/**
 * Buckets of a histogram of microseconds: four for each power of two, so that what is read from them is at most a quarter too high. The
 * last one is open (over 17 minutes).
 */
export const PROFILE_BUCKETS = 117;
const LAST_US = 2 ** 30;

/** The bucket of a time. */
export function bucketOf(us: number): number {
  if (us >= LAST_US) return PROFILE_BUCKETS - 1;
  const whole = us | 0;
  if (whole < 4) return whole;
  const exponent = 31 - Math.clz32(whole);
  return ((exponent - 1) << 2) + ((whole >>> (exponent - 2)) & 3);
}

/** The first microsecond behind a bucket. */
export function bucketEndUs(bucket: number): number {
  if (bucket < 4) return bucket + 1;
  return (5 + (bucket & 3)) * 2 ** ((bucket >> 2) - 1);
}

/**
 * An upper bound of the time that a share of them stayed below, in microseconds: the end of the bucket it falls into.
 *
 * @param share 0..1, for example 0.99
 * @returns 0 when nothing was recorded
 */
export function percentileUs(
  { histogram, maxUs }: { readonly histogram: readonly number[]; readonly maxUs: number },
  share: number,
): number {
  const count = histogram.reduce((sum, n) => sum + n, 0);
  if (count === 0) return 0;
  let left = Math.ceil(count * share);
  for (let bucket = 0; bucket < PROFILE_BUCKETS - 1; bucket++) {
    left -= histogram[bucket] ?? 0;
    if (left <= 0) return Math.min(maxUs, bucketEndUs(bucket));
  }
  return maxUs;
}
