import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Interruption } from "@cygnet/command";
import { DaemonStartError, LoadTesterError } from "@cygnet/load-test";
import { FailedRun } from "./measurement.js";
import type { Bench, Figures, Measurement } from "./measurement.js";
import { rowOf } from "./row.js";
import type { Row } from "./row.js";

/** What all measurements have in common. */
export type BenchSetup = Pick<Bench, "sessions" | "cygnet" | "placement" | "resources">;

/** How the measurements are gone through. */
export interface Course {
  readonly runs: number;
  readonly interruption: Interruption;
  /** A run begins. */
  readonly onRun: (measurement: Measurement, run: number) => void;
  readonly onRow: (row: Row) => void;
}

/** Measures one thing after the other, and tells each row when it is there. @returns whether all runs were completed */
export async function runMeasurements(measurements: readonly Measurement[], setup: BenchSetup, course: Course): Promise<boolean> {
  let isComplete = true;
  for (const measurement of measurements) {
    if (course.interruption.isRequested) return false;
    isComplete = (await measure(measurement, setup, course)) && isComplete;
  }
  return isComplete;
}

async function measure(measurement: Measurement, setup: BenchSetup, course: Course): Promise<boolean> {
  const obstacle = measurement.obstacle?.();
  const runs: Figures[] = [];
  let failure: string | undefined;
  for (let run = 1; run <= course.runs && obstacle === undefined && failure === undefined; run++) {
    course.onRun(measurement, run);
    const figures = await Promise.race([attempt(measurement, setup), course.interruption.requested]);
    if (course.interruption.isRequested) break;
    if (typeof figures === "string") failure = figures;
    else if (figures !== undefined) runs.push(figures);
  }
  // What was under way when it was interrupted is no result, and nor are runs of which a later one failed.
  if (course.interruption.isRequested && runs.length === 0) return false;
  const counted = failure === undefined ? runs : [];
  for (const spec of measurement.rows) {
    const values = counted.map((figures) => figures[spec.name]);
    course.onRow(rowOf(spec, values, failure ?? obstacle ?? measurement.notes?.[spec.name]));
  }
  return failure === undefined && !course.interruption.isRequested;
}

/** One run and the end of all that it started. @returns its figures, or why there are none */
async function attempt(measurement: Measurement, setup: BenchSetup): Promise<Figures | string> {
  const newFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), "cygnet-bench-"));
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    setup.resources.hold({ release: remove, drop: remove });
    return folder;
  };
  try {
    return await measurement.run({ ...setup, newFolder });
  } catch (error) {
    if (error instanceof FailedRun || error instanceof LoadTesterError) return error.message;
    if (error instanceof DaemonStartError) return [error.message, ...error.lines].join(": ");
    throw error;
  } finally {
    await setup.resources.release();
  }
}
