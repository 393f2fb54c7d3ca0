import { describe, expect, it } from "vitest";
import { placementOn } from "../src/placement.js";
import { rowOf, rowText, verdict } from "../src/row.js";
import type { RowSpec } from "../src/row.js";
import { median, pairedRatio, percentile } from "../src/statistics.js";

describe("statistics", () => {
  it("take the median of odd and even counts, and none of nothing", () => {
    expect(median([3, 1, 200])).toBe(3);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it("do not sort what they are given", () => {
    const values = [2, 1];
    median(values);
    percentile(values, 50);
    expect(values).toEqual([2, 1]);
  });

  it("take the smallest value that enough are not above", () => {
    const values = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentile(values, 99)).toBe(99);
    expect(percentile(values, 100)).toBe(100);
    expect(percentile([7], 99)).toBe(7);
    expect(percentile([], 99)).toBeNaN();
  });

  it("compare neighbours, so that a machine that got slower does not count", () => {
    expect(pairedRatio([10, 20, 300], [5, 10, 100])).toBe(2);
  });
});

const COST: RowSpec = { name: "a.cost_us", unit: "us", lowerIsBetter: true, atLeast: 200, aim: 110 };

describe("a row", () => {
  it("is what --json writes", () => {
    expect(rowOf(COST, [150.123456, 130, 170])).toEqual({
      name: "a.cost_us",
      value: 150.1,
      unit: "us",
      lower_is_better: true,
      at_least: 200,
      aim: 110,
      runs: [150.1, 130, 170],
    });
  });

  it("has nulls where there is nothing, and says why", () => {
    const row = rowOf({ name: "b", unit: "x", lowerIsBetter: false }, [], "it is not to be had");
    expect(row).toMatchObject({ value: null, at_least: null, aim: null, runs: [], note: "it is not to be had" });
    expect(rowText(row)).toMatch(/^b +not available: it is not to be had\n$/);
  });

  it.each([
    [COST, 100, "aim reached"],
    [COST, 150, "reached"],
    [COST, 201, "missed"],
    [{ ...COST, lowerIsBetter: false, atLeast: 4500, aim: 7500 }, 5000, "reached"],
    [{ ...COST, lowerIsBetter: false, atLeast: 4500, aim: 7500 }, 4499, "missed"],
    [{ ...COST, aim: undefined }, 150, "reached"],
    [{ ...COST, atLeast: undefined, aim: undefined }, 1, undefined],
  ])("is judged by its bounds", (spec, value, expected) => {
    expect(verdict(rowOf(spec, [value]))).toBe(expected);
  });

  it("is one line of text with its runs and bounds", () => {
    expect(rowText(rowOf(COST, [150, 130, 170]))).toMatch(
      /^a\.cost_us +150 us +\(runs 150 130 170; at least 200; aim 110; reached\)\n$/,
    );
  });
});

describe("placement", () => {
  it("gives both ends a CPU of their own", () => {
    expect(placementOn([2, 5, 7], true)).toEqual({
      responder: ["taskset", "-c", "2"],
      initiator: ["taskset", "-c", "5"],
      cpus: [2, 5, 7],
      line: "responder on CPU 2, initiator on CPU 5",
    });
  });

  it.each([
    [[0], true, "there is only one"],
    [[0, 1], false, "no taskset"],
  ])("says why it does not pin", (cpus, hasTaskset, why) => {
    const { responder, initiator, line } = placementOn(cpus, hasTaskset);
    expect([responder, initiator]).toEqual([[], []]);
    expect(line).toContain(why);
  });
});
