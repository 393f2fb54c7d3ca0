import { existsSync } from "node:fs";
import { Interruption } from "@cygnet/command";
import { describe, expect, it } from "vitest";
import { FailedRun } from "../src/measurement.js";
import type { Bench, Figures, Measurement } from "../src/measurement.js";
import { Interrupted, Resources } from "../src/resources.js";
import type { Row } from "../src/row.js";
import { runMeasurements } from "../src/run-measurements.js";

const SPEC = { name: "a", unit: "us", lowerIsBetter: true };
const PLACEMENT = { responder: [], initiator: [], cpus: [], line: "" };

/** Runs measurements of one row. @returns what came of it */
async function measured(run: (bench: Bench) => Promise<Figures>, more: Partial<Measurement> = {}) {
  const rows: Row[] = [];
  const resources = new Resources();
  const isComplete = await runMeasurements(
    [{ rows: [SPEC], run, ...more }],
    { sessions: 1, cygnet: [], placement: PLACEMENT, resources },
    { runs: 3, interruption: new Interruption(), onRun: () => undefined, onRow: (row) => rows.push(row) },
  );
  return { rows, isComplete };
}

describe("measurements", () => {
  it("are run as often as asked, and their folders go with each run", async () => {
    const folders: string[] = [];
    const { rows, isComplete } = await measured(async ({ newFolder }) => {
      expect(folders.some(existsSync)).toBe(false);
      folders.push(newFolder());
      expect(existsSync(folders.at(-1)!)).toBe(true);
      return { a: folders.length };
    });
    expect([isComplete, rows]).toEqual([true, [expect.objectContaining({ value: 2, runs: [1, 2, 3] })]]);
    expect(folders.some(existsSync)).toBe(false);
  });

  it("have no value when a run fails, but the reason", async () => {
    let runs = 0;
    const { rows, isComplete } = await measured(async () => {
      if (++runs === 2) throw new FailedRun("1 of 2 sessions were set up");
      return { a: 1 };
    });
    expect([isComplete, runs]).toEqual([false, 2]);
    expect(rows).toEqual([expect.objectContaining({ value: null, runs: [], note: "1 of 2 sessions were set up" })]);
  });

  it("are not begun where they cannot be made", async () => {
    const run = () => Promise.reject(new Error("was run"));
    const { rows, isComplete } = await measured(run, { obstacle: () => "no such thing here" });
    expect([isComplete, rows]).toEqual([true, [expect.objectContaining({ value: null, note: "no such thing here" })]]);
  });
});

describe("resources", () => {
  it("are taken down in reverse, all of them, also when one fails", async () => {
    const order: number[] = [];
    const resources = new Resources();
    for (const number of [1, 2, 3])
      resources.hold({
        release: () => {
          order.push(number);
          if (number === 2) throw new Error("two");
        },
        drop: () => undefined,
      });
    await expect(resources.release()).rejects.toThrow("two");
    expect(order).toEqual([3, 2, 1]);
    await resources.release();
    expect(order).toEqual([3, 2, 1]);
  });

  it("that come too late are dropped", async () => {
    const resources = new Resources();
    await resources.close();
    let isDropped = false;
    const late = { release: () => undefined, drop: () => void (isDropped = true) };
    expect(() => resources.hold(late)).toThrow(Interrupted);
    expect(isDropped).toBe(true);
  });
});
