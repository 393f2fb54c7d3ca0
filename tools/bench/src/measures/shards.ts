import type { Measurement } from "../measurement.js";
import { FailedRun } from "../measurement.js";

const REASON = "the shards of this release cannot share the daemon's sockets, so a second one gets no datagrams";

/** Two shards on two CPUs against one. */
export const shardsMeasurement: Measurement = {
  rows: [{ name: "shards2.speedup", unit: "x", lowerIsBetter: false, atLeast: 1.8 }],
  obstacle: () => REASON,
  run: () => Promise.reject(new FailedRun(REASON)),
};
