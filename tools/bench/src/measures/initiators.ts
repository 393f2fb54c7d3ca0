import type { Measurement } from "../measurement.js";
import { pinnedLoopback, runPair } from "./pair-run.js";

/**
 * Ten initiators where five fill the machine, and nothing that bounds how many IKE_SAs are being set up at a time: whatever the responder
 * cannot take at once waits in its queues.
 */
export const initiatorsMeasurement: Measurement = {
  rows: [
    { name: "initiators10.dropped", unit: "datagrams", lowerIsBetter: true, atLeast: 0 },
    { name: "initiators10.retransmissions", unit: "requests", lowerIsBetter: true, atLeast: 0 },
  ],
  run: async (bench) => {
    const options = ["--initiators", "10", "--init-limit", "0"];
    const { dropped, retransmissions } = await runPair(bench, { options, stage: pinnedLoopback(bench) });
    return { "initiators10.dropped": dropped, "initiators10.retransmissions": retransmissions };
  },
};
