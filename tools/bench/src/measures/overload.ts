import { FailedRun } from "../measurement.js";
import type { Bench, Measurement } from "../measurement.js";
import { LoadedResponder } from "./loaded-responder.js";

/** Overload for which queues fill, before it is counted. */
const SETTLE_SECONDS = 1;
/** Share of a CPU beyond which the initiators may be what is slow. */
const MOST_BUSY = 0.9;

/**
 * Setups a second when IKE_SAs are begun at a multiple of the rate that the responder was just seen to complete them at, by that rate. The
 * capacity is measured again before each, so the two are measured in turns.
 */
export function overloadMeasurement(times: number): Measurement {
  const name = `overload.${times}x.goodput_ratio`;
  return {
    rows: [{ name, unit: "x", lowerIsBetter: false, atLeast: 0.95 }],
    run: async (bench: Bench) => {
      const { sessions } = bench;
      const responder = await LoadedResponder.start(bench);
      const { established, seconds } = await responder.setUp(sessions);
      const capacity = established / seconds;
      const offered = await responder.offer(capacity * times, SETTLE_SECONDS, seconds);
      if (offered.cpuSeconds > MOST_BUSY * (SETTLE_SECONDS + seconds))
        throw new FailedRun("the initiators' CPU could not offer more");
      return { [name]: offered.established / seconds / capacity };
    },
  };
}
