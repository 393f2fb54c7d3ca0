import type { Bench, Figures, Measurement } from "../measurement.js";
import { LoadedResponder } from "./loaded-responder.js";

/** A quarter of a million where a run has the default of ten thousand sessions. */
const TIMES = 25;
const MEMORY = "memory.250k.rss_bytes_per_sa";
const STALL = "stall.250k.max_ms";
const RATE = "rate.250k.ratio";

/**
 * What many established IKE_SAs cost: memory, how long an event loop is held while they come to be, garbage collection included, and the rate of
 * setups with so many there by the rate with few.
 */
export const atRestMeasurement = (sessionsOfRun: number): Measurement => {
  const note = `${sessionsOfRun * TIMES} IKE_SAs`;
  return {
    rows: [
      { name: MEMORY, unit: "octets", lowerIsBetter: true, atLeast: 3000, aim: 1500 },
      { name: STALL, unit: "ms", lowerIsBetter: true, atLeast: 100, aim: 20 },
      { name: RATE, unit: "x", lowerIsBetter: false, atLeast: 0.9 },
    ],
    notes: { [MEMORY]: note, [STALL]: note, [RATE]: note },
    run: async (bench: Bench): Promise<Figures> => {
      const { sessions } = bench;
      const count = sessions * TIMES;
      const responder = await LoadedResponder.start(bench);
      const before = responder.residentBytes;
      await responder.longestStallMs();
      const first = await responder.setUp(sessions);
      await responder.setUp(count - 2 * sessions);
      const last = await responder.setUp(sessions);
      return {
        [MEMORY]: (responder.residentBytes - before) / count,
        [STALL]: await responder.longestStallMs(),
        [RATE]: first.seconds / last.seconds,
      };
    },
  };
};
