import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FailedRun } from "../measurement.js";
import type { Bench, Measurement } from "../measurement.js";
import { LoadedResponder } from "./loaded-responder.js";

const HONEST = "flood.100k.honest_ms";
const GROWTH = "flood.100k.rss_bytes";

/** The IKE_SA_INITs of a flood, and how fast they come: more than is worked on. */
export const FLOOD = { datagrams: 100_000, perSecond: 50_000, sessions: 20 };

/**
 * Cookies as they are by default, in all IKE_SAs together: an honest client of the bench, which has one address for all its IKE_SAs, must not
 * meet the limits per address. Half-open IKE_SAs, of which a flood leaves some dozens, are over soon.
 */
const FLOOD_SETTINGS =
  "charon {\n  dos_protection = yes\n  cookie_threshold_ip = 0\n  block_threshold = 0\n  half_open_timeout = 2\n}\n";
const HALF_OPEN_MS = 2500;

/** How an honest client fares during a flood from spoofed addresses, and what a flood leaves behind. */
export const floodMeasurement: Measurement = {
  rows: [
    { name: HONEST, unit: "ms", lowerIsBetter: true },
    { name: GROWTH, unit: "octets", lowerIsBetter: true, atLeast: 16 << 20 },
  ],
  notes: { [HONEST]: "for each of 20 IKE_SAs, one after the other", [GROWTH]: "by the third flood" },
  run: async (bench: Bench) => {
    const conf = join(bench.newFolder(), "flood.conf");
    writeFileSync(conf, FLOOD_SETTINGS);
    const responder = await LoadedResponder.start(bench, { conf });
    // The heap grows to what floods need at a time, once.
    await flood(responder);
    await flood(responder);
    const before = responder.residentBytes;
    const honestMs = await flood(responder);
    return { [HONEST]: honestMs, [GROWTH]: Math.max(0, responder.residentBytes - before) };
  },
};

/** A flood and the time that it needs to be forgotten. @returns milliseconds of an honest setup meanwhile */
async function flood(responder: LoadedResponder): Promise<number> {
  const { established, seconds } = await responder.flood(FLOOD);
  if (established !== FLOOD.sessions) throw new FailedRun(`${established} of ${FLOOD.sessions} honest sessions were set up`);
  await sleep(HALF_OPEN_MS);
  return (seconds * 1000) / FLOOD.sessions;
}
