import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOADED_PLUGINS } from "@cygnet/load-test";
import type { Bench, Measurement } from "../measurement.js";
import { shortestSeconds } from "../thread-times.js";
import { LoadedResponder } from "./loaded-responder.js";

const SPEEDUP = "shards2.speedup";
const FORWARDED = "shards2.forwarded";

const NOTE = "from the CPU time of each thread, as the initiators take a part of the same CPUs";

/** Measured IKE_SAs, by `sessions`: the time of a thread is that of few otherwise. */
const TIMES = 2;

/** What a responder with so many shards came to. */
interface Figures {
  /** IKE_SAs that it sets up in a second on as many CPUs as it has shards. */
  readonly perSecond: number;
  /** Datagrams that came to another shard than their own. */
  readonly forwarded: number;
}

/**
 * Two shards on two CPUs against one on one: by the rate that their CPU time allows. With n shards, n CPUs do not need less for it than the time of the
 * busiest thread, nor than an n-th of that of all threads: those of the compiler and the garbage collector want their share as well.
 */
export const shardsMeasurement: Measurement = {
  rows: [
    { name: SPEEDUP, unit: "x", lowerIsBetter: false, atLeast: 1.8 },
    { name: FORWARDED, unit: "datagrams", lowerIsBetter: true, atLeast: 0 },
  ],
  notes: { [SPEEDUP]: NOTE },
  obstacle: () => (process.platform === "linux" ? undefined : "CPU times of threads are Linux's"),
  run: async (bench: Bench) => {
    const one = await measured(bench, 1);
    const two = await measured(bench, 2);
    return { [SPEEDUP]: two.perSecond / one.perSecond, [FORWARDED]: two.forwarded };
  },
};

async function measured(bench: Bench, shards: number): Promise<Figures> {
  const sessions = bench.sessions * TIMES;
  const conf = join(bench.newFolder(), "shards.conf");
  writeFileSync(conf, settingsOf(shards));
  const responder = await LoadedResponder.start(bench, { conf, hasAllCpus: shards > 1 });
  const before = await responder.forwarded();
  const use = await responder.threadUseOf(() => responder.setUp(sessions));
  const forwarded = (await responder.forwarded()) - before;
  await bench.resources.release();
  return { perSecond: sessions / shortestSeconds(use, shards), forwarded };
}

/** A socket for each shard, so that none receives for another. */
function settingsOf(shards: number): string {
  const load = LOADED_PLUGINS.replace("socket-default", "socket-reuseport");
  return `charon {\n  shards = ${shards}\n  load = ${load}\n  plugins { socket-reuseport { use_ipv6 = no } }\n}\n`;
}
