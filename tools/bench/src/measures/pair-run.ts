import { DaemonPair, droppedOf, loopback, parseLoadTestArguments, processUsage } from "@cygnet/load-test";
import type { LoadTestArguments, Stage } from "@cygnet/load-test";
import { FailedRun, warmUpSessions } from "../measurement.js";
import type { Bench } from "../measurement.js";

/** What a run between two daemons came to, warm-up left out. */
export interface PairFigures {
  readonly responderCpuUs: number;
  readonly initiatorCpuUs: number;
  readonly perSecond: number;
  readonly dropped: number;
  readonly retransmissions: number;
}

/** How the two daemons of a run are set up. */
export interface PairPlan {
  /** Options of `cygnet load-test`, without those on sessions. */
  readonly options: readonly string[];
  readonly stage: Stage;
  /** IKE_SAs before the measurement, where not as many as usual. */
  readonly warmUp?: number;
  /** Of a responder that is not started here, whose address the options name: replaces it by a new one after the warm-up. @returns its process */
  readonly renewResponder?: () => Promise<number>;
}

/** IKE_SAs that are set up at a time before the measurement. */
const WARM_UP_AT_ONCE = 200;

/** Both ends on the loopback interface, each on its CPU. */
export function pinnedLoopback({ cygnet, placement }: Bench): Stage {
  const stage = loopback(cygnet);
  const isPinned = placement.responder.length > 0;
  return { ...stage, cygnet: (role) => [...placement[role], ...cygnet], shards: isPinned ? undefined : stage.shards };
}

/** Sets up the bench's sessions between two daemons, of which at least the initiator is started for it. @throws {FailedRun} */
export async function runPair(bench: Bench, plan: PairPlan): Promise<PairFigures> {
  const { sessions, resources } = bench;
  const args: LoadTestArguments = { ...parseLoadTestArguments(plan.options), sessions };
  const pair = await DaemonPair.spawn(args, bench.newFolder(), plan.stage);
  resources.hold({ release: () => pair.stop(), drop: () => pair.kill() });
  await pair.ready();
  await warmUp(pair, plan.warmUp ?? warmUpSessions(sessions));
  const responderPid = await plan.renewResponder?.();
  const usages = (): { readonly responder: number; readonly initiator: number } => {
    const { responder, initiator } = pair.usages();
    return {
      responder: cpuOf(responderPid === undefined ? responder : processUsage(responderPid), "responder"),
      initiator: cpuOf(initiator, "initiator"),
    };
  };
  const before = await pair.statuses();
  const usedBefore = usages();
  const startedMs = performance.now();
  await pair.initiate(sessions);
  const seconds = (performance.now() - startedMs) / 1000;
  const used = usages();
  const after = await pair.statuses();
  const established = after.initiator.established - before.initiator.established;
  if (established !== sessions) throw new FailedRun(`${established} of ${sessions} sessions were set up`);
  return {
    responderCpuUs: (used.responder - usedBefore.responder) / sessions,
    initiatorCpuUs: (used.initiator - usedBefore.initiator) / sessions,
    perSecond: sessions / seconds,
    dropped: droppedOf(after) - droppedOf(before),
    retransmissions: after.initiator.retransmits - before.initiator.retransmits,
  };
}

async function warmUp(pair: DaemonPair, sessions: number): Promise<void> {
  for (let left = sessions; left > 0; left -= WARM_UP_AT_ONCE) await pair.warmUp(Math.min(left, WARM_UP_AT_ONCE));
}

function cpuOf(usage: { readonly cpuUs: number } | undefined, side: string): number {
  if (usage === undefined) throw new FailedRun(`the process of the ${side} is gone`);
  return usage.cpuUs;
}
