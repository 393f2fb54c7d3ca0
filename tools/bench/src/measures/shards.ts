import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOADED_PLUGINS } from "@cygnet/load-test";
import { FailedRun, warmUpSessions } from "../measurement.js";
import type { Bench, Figures, Measurement } from "../measurement.js";
import { pinnedTo, placement } from "../placement.js";
import type { Placement } from "../placement.js";
import type { RowSpec } from "../row.js";
import { shortestSeconds } from "../thread-times.js";
import { LoadedResponder } from "./loaded-responder.js";
import type { ResponderLaunchers } from "./loaded-responder.js";

const BY_CPU_TIME = "from the CPU time of each thread, as the initiators take a part of the same CPUs";

/** Measured IKE_SAs of each shard, by `sessions`: the time of a thread is that of few otherwise. */
const TIMES = 2;

/** What a responder with so many shards came to. */
interface ShardFigures {
  readonly perSecond: number;
  /** CPU time of all its threads for an IKE_SA, in microseconds. */
  readonly cpuUs: number;
  /** Datagrams that came to another shard than their own. */
  readonly forwarded: number;
}

/**
 * Shards on as many CPUs against one on one. By the clock, where the machine has a CPU for each process of initiators besides.
 * Otherwise by the rate that CPU time allows: n CPUs do not need less for their work than the time of the busiest thread, nor than an n-th of
 * that of all threads; those of the compiler and the garbage collector want their share as well.
 */
export const shardsMeasurements: readonly Measurement[] = [
  measurementOf(2, [{ atLeast: 1.8 }, { atLeast: 0 }]),
  measurementOf(4, [{}, { atLeast: 0 }]),
  measurementOf(8, [{}, { atLeast: 0 }]),
];

function measurementOf(shards: number, [speedup, forwarded]: readonly Pick<RowSpec, "atLeast">[]): Measurement {
  const name = (figure: string): string => `shards${shards}.${figure}`;
  const needsClock = shards > 2;
  const hasClock = ownCpus(placement(), shards) !== undefined;
  return {
    rows: [
      { name: name("speedup"), unit: "x", lowerIsBetter: false, ...speedup },
      { name: name("per_second"), unit: "1/s", lowerIsBetter: false },
      { name: name("cpu_ratio"), unit: "x", lowerIsBetter: true },
      { name: name("forwarded"), unit: "datagrams", lowerIsBetter: true, ...forwarded },
    ],
    notes: hasClock ? {} : { [name("speedup")]: BY_CPU_TIME },
    obstacle: () => {
      if (process.platform !== "linux") return "CPU times of threads are Linux's";
      return needsClock && !hasClock ? `it takes ${2 * shards} CPUs` : undefined;
    },
    run: async (bench: Bench): Promise<Figures> => {
      const one = await measured(bench, 1, shards);
      const many = await measured(bench, shards, shards);
      return {
        [name("speedup")]: many.perSecond / one.perSecond,
        [name("per_second")]: many.perSecond,
        [name("cpu_ratio")]: many.cpuUs / one.cpuUs,
        [name("forwarded")]: many.forwarded,
      };
    },
  };
}

/** @param most shards of the responder that it is compared with: both are measured the same way */
async function measured(bench: Bench, shards: number, most: number): Promise<ShardFigures> {
  const conf = join(bench.newFolder(), "shards.conf");
  writeFileSync(conf, settingsOf(shards));
  const byClock = ownCpus(bench.placement, most) !== undefined;
  const responder = await LoadedResponder.start(bench, { conf, launchers: launchers(bench.placement, shards) });
  // Each shard compiles for itself.
  if (shards > 1) await responder.setUp(warmUpSessions(bench.sessions) * (shards - 1));
  const before = await responder.forwarded();
  const { result, use } = await responder.threadUseOf(() => responder.setUp(bench.sessions * TIMES * shards));
  const forwarded = (await responder.forwarded()) - before;
  await bench.resources.release();
  if (use.allSeconds === 0) throw new FailedRun("the kernel tells no CPU times of threads");
  const { established, seconds } = result;
  return {
    perSecond: established / (byClock ? seconds : shortestSeconds(use, shards)),
    cpuUs: (use.allSeconds * 1e6) / established,
    forwarded,
  };
}

/** CPUs for a responder with so many shards, and others for as many processes of initiators. */
function ownCpus({ cpus }: Placement, shards: number): Record<"responder" | "initiators", readonly number[]> | undefined {
  if (cpus.length < 2 * shards) return undefined;
  // Neighbours may be threads of one core, so none is given a neighbour if that can be.
  const apart = cpus.length < 4 * shards ? cpus : cpus.filter((_, index) => index % 2 === 0);
  return { responder: apart.slice(0, shards), initiators: apart.slice(shards, 2 * shards) };
}

function launchers(where: Placement, shards: number): ResponderLaunchers {
  const own = ownCpus(where, shards);
  if (own === undefined) return { responder: shards === 1 ? where.responder : [], initiators: [where.initiator] };
  return { responder: pinnedTo(own.responder), initiators: own.initiators.map((cpu) => pinnedTo([cpu])) };
}

/** A socket for each shard, so that none receives for another. */
function settingsOf(shards: number): string {
  const load = LOADED_PLUGINS.replace("socket-default", "socket-reuseport");
  return `charon {\n  shards = ${shards}\n  load = ${load}\n  plugins { socket-reuseport { use_ipv6 = no } }\n}\n`;
}
