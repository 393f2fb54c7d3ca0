import { describe, expect, it } from "vitest";
import { retransmitDelayMs } from "../../src/ike-options.js";
import type { IkeOptions } from "../../src/ike-options.js";

const options = (given: Partial<IkeOptions>): IkeOptions =>
  ({
    retransmit_timeout: 4,
    retransmit_base: 1.8,
    retransmit_tries: 5,
    retransmit_jitter: 0,
    retransmit_limit: 0,
    ...given,
  }) as IkeOptions;

describe("the wait before a retransmission", () => {
  it("is 4.0, 7.2, 12.96, 23.33, 41.99 and 75.58 seconds by default, 165 in all", () => {
    const waits = [0, 1, 2, 3, 4, 5].map((attempt) => retransmitDelayMs(options({}), attempt, 0.5));
    expect(waits).toEqual([4000, 7200, 12_960, 23_328, 41_990, 75_582]);
    expect(waits.reduce((sum, wait) => sum + wait)).toBe(165_060);
  });

  it("is bounded by retransmit_limit, and by what a timer can hold", () => {
    expect(retransmitDelayMs(options({ retransmit_limit: 10 }), 5, 0)).toBe(10_000);
    expect(retransmitDelayMs(options({}), 1000, 0)).toBe(2 ** 31 - 1);
  });

  it("is reduced by 0 to retransmit_jitter percent", () => {
    const jitter = options({ retransmit_jitter: 20 });
    expect(retransmitDelayMs(jitter, 0, 0)).toBe(4000);
    expect(retransmitDelayMs(jitter, 0, 0.999_999)).toBe(3200);
  });
});
