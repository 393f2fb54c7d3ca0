import type { Bench, Figures, Measurement } from "../measurement.js";
import { LoadedResponder } from "./loaded-responder.js";

/** A quarter of a million where a run has the default of ten thousand sessions. */
const TIMES = 25;
const MEMORY = "memory.250k.rss_bytes_per_sa";
const STALL = "stall.250k.max_ms";

/** What many established IKE_SAs cost: memory, and how long setting up the last of them holds an event loop, garbage collection included. */
export const atRestMeasurement = (sessions: number): Measurement => {
  const note = `${sessions * TIMES} IKE_SAs`;
  return {
    rows: [
      { name: MEMORY, unit: "octets", lowerIsBetter: true, atLeast: 3000, aim: 1500 },
      { name: STALL, unit: "ms", lowerIsBetter: true, atLeast: 100, aim: 20 },
    ],
    notes: { [MEMORY]: note, [STALL]: note },
    run: async (bench: Bench): Promise<Figures> => {
      const count = bench.sessions * TIMES;
      const responder = await LoadedResponder.start(bench);
      const before = responder.residentBytes;
      await responder.longestStallMs();
      await responder.setUp(count);
      return { [MEMORY]: (responder.residentBytes - before) / count, [STALL]: await responder.longestStallMs() };
    },
  };
};
