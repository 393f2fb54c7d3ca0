import type { Measurement } from "../measurement.js";
import { keyExchangeSubjects } from "./key-exchange.js";
import { messageSubjects } from "./messages.js";
import { nanoseconds } from "./stopwatch.js";
import { tableSubjects } from "./tables.js";

/** One row for each layer below a setup, so that a row of a setup that got worse can be traced to one. */
export function microMeasurements(): Measurement[] {
  return [...messageSubjects, ...keyExchangeSubjects, ...tableSubjects].map(({ name, prepare }) => {
    const row = { name: `micro.${name}_ns`, unit: "ns", lowerIsBetter: true };
    return { rows: [row], run: async () => ({ [row.name]: nanoseconds(prepare()) }) };
  });
}
