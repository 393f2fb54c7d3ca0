import { FailedRun } from "../measurement.js";
import type { Bench, Measurement } from "../measurement.js";
import { percentile } from "../statistics.js";
import { LoadedResponder } from "./loaded-responder.js";

/** Overload before it is counted: queues fill, and the first retransmissions come, four seconds behind. */
const SETTLE_SECONDS = 5;
/** Overload that is counted. */
const SECONDS = 5;
/** Share of a CPU beyond which the initiators may be what is slow. */
const MOST_BUSY = 0.9;
/** Share of what was to be offered that must have been; a row tells how much it was. */
const LEAST_OFFERED = 0.5;
/** IKE_SAs that are asked meanwhile, a part of which is ended so. */
const KEPT = 500;

/**
 * Setups a second when IKE_SAs are begun at a multiple of the rate that the responder completes them at, by that rate, which is measured right before and right
 * after; and how long IKE_SAs that are up wait for answers meanwhile, with how late the initiators' own event loop was, which is a part of it.
 */
export function overloadMeasurement(times: number): Measurement {
  const name = (last: string): string => `overload.${times}x.${last}`;
  const [goodput, offered, dpd, deletion, late] = [
    name("goodput_ratio"),
    name("offered"),
    name("dpd_p99_ms"),
    name("delete_p99_ms"),
    name("initiators_late_p99_ms"),
  ];
  return {
    rows: [
      { name: goodput, unit: "x", lowerIsBetter: false, atLeast: 0.95 },
      { name: offered, unit: "x", lowerIsBetter: false },
      { name: dpd, unit: "ms", lowerIsBetter: true, atLeast: 50 },
      { name: deletion, unit: "ms", lowerIsBetter: true, atLeast: 50 },
      { name: late, unit: "ms", lowerIsBetter: true },
    ],
    run: async (bench: Bench) => {
      const { sessions } = bench;
      const responder = await LoadedResponder.start(bench);
      await responder.keep(KEPT);
      const before = await responder.capacity(sessions);
      const load = await responder.offer(before * times, SETTLE_SECONDS, SECONDS);
      const offeredTimes = load.started / load.seconds / before;
      if (offeredTimes < LEAST_OFFERED * times || load.cpuSeconds > MOST_BUSY * load.seconds)
        throw new FailedRun("the initiators' CPU could not offer more");
      // What is left of the overload is not to be counted.
      await responder.setUp(sessions);
      const capacity = (before + (await responder.capacity(sessions))) / 2;
      return {
        [goodput]: load.established / SECONDS / capacity,
        [offered]: offeredTimes,
        [dpd]: percentile(load.answerMs.dpd, 99),
        [deletion]: percentile(load.answerMs.delete, 99),
        [late]: percentile(load.roundMs, 99),
      };
    },
  };
}
