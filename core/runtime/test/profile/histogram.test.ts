import { PROFILE_BUCKETS, bucketEndUs, bucketOf, percentileUs } from "@cygnet/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("histogram", () => {
  it("puts each time into a bucket that ends behind it, and at most a quarter behind it", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 2 ** 30, maxExcluded: true, noNaN: true }), (us) => {
        const bucket = bucketOf(us);
        expect(bucketEndUs(bucket)).toBeGreaterThan(us);
        expect(bucketEndUs(bucket)).toBeLessThanOrEqual(Math.max(us * 1.25, us + 1) + 1);
        if (bucket > 0) expect(bucketEndUs(bucket - 1)).toBeLessThanOrEqual(us);
      }),
    );
  });

  it("has one bucket for what takes longer than 17 minutes", () => {
    expect(bucketOf(2 ** 30 - 1)).toBe(PROFILE_BUCKETS - 2);
    expect(bucketOf(2 ** 30)).toBe(PROFILE_BUCKETS - 1);
    expect(bucketOf(1e15)).toBe(PROFILE_BUCKETS - 1);
  });

  it("reads percentiles no lower than they are, and never above the maximum", () => {
    const histogram = Array.from({ length: PROFILE_BUCKETS }, () => 0);
    for (let us = 1; us <= 1000; us++) histogram[bucketOf(us)]++;
    for (const share of [0.5, 0.9, 0.99]) {
      const read = percentileUs({ histogram, maxUs: 1000 }, share);
      expect(read).toBeGreaterThanOrEqual(share * 1000);
      expect(read).toBeLessThanOrEqual(Math.min(1000, share * 1250 + 1));
    }
    expect(percentileUs({ histogram: [], maxUs: 0 }, 0.5)).toBe(0);
  });
});
