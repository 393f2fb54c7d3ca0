import type { Stage } from "@cygnet/load-test";
import { warmUpSessions } from "../measurement.js";
import type { Bench, Measurement } from "../measurement.js";
import { Resources } from "../resources.js";
import type { RowSpec } from "../row.js";
import { scoped } from "../scoped.js";
import { runPair } from "../measures/pair-run.js";
import type { PairFigures } from "../measures/pair-run.js";
import { SETUP_PLANS, setupFigures, setupRows } from "../measures/setup.js";
import type { SetupPlan } from "../measures/setup.js";
import { ADDRESSES, Namespaces } from "./namespaces.js";
import { STRONGSWAN_KERNEL, startStrongswan } from "./strongswan.js";

const PREFIX = "strongswan.";
/** Sessions are few here, for strongSwan's kernel-libipsec; our daemons warm up as if they were so many times as many. */
const FEWER = 8;
const ESP = "aes128-sha1";

/**
 * Setups with cygnet and with strongSwan as the responder, in turns, by the same initiator and in the same network of two namespaces.
 */
export function peerSetupMeasurements(): Measurement[] {
  return SETUP_PLANS.map((plan) => {
    const [cygnetRows, strongswanRows, ratio] = [setupRows(plan), strongswanRowsOf(plan), ratioRow(plan)];
    const notes = [
      ...cygnetRows.map(({ name }) => [name, "responder cygnet with the fake kernel"]),
      ...strongswanRows.map(({ name }) => [name, `responder strongSwan with ${STRONGSWAN_KERNEL}`]),
      [ratio.name, "strongSwan's by cygnet's"],
    ];
    return {
      rows: [...cygnetRows, ...strongswanRows, ratio],
      notes: Object.fromEntries(notes) as Record<string, string>,
      run: async (bench: Bench) => {
        const namespaces = await Namespaces.create(bench.resources);
        const stage = stageIn(namespaces, bench);
        const ours = await scoped(bench, (inner) =>
          runPair(inner, { options: ["--proposal", plan.proposal], stage, warmUp: warmUpSessions(bench.sessions * FEWER) }),
        );
        const theirs = await scoped(bench, (inner) => runStrongswan(inner, plan, namespaces, stage));
        return {
          ...setupFigures(plan, ours),
          ...setupFigures(plan, theirs, PREFIX),
          [ratio.name]: theirs.responderCpuUs / ours.responderCpuUs,
        };
      },
    };
  });
}

/** Without bounds, which are for us. */
function strongswanRowsOf({ key, proposal }: SetupPlan): readonly RowSpec[] {
  return setupRows({ key, proposal, responder: {}, initiator: {}, rate: {} }, PREFIX);
}

function ratioRow({ key }: SetupPlan): RowSpec {
  return { name: `setup.${key}.${PREFIX}responder_cpu_ratio`, unit: "x", lowerIsBetter: false, atLeast: 2 };
}

function stageIn(namespaces: Namespaces, { cygnet, placement }: Bench): Stage {
  return { ...ADDRESSES, cygnet: (role) => [...namespaces.on(role), ...placement[role], ...cygnet] };
}

/**
 * The warm-up is for our initiator. strongSwan needs none, and is replaced before the measurement: kernel-libipsec searches lists, so that what a
 * setup costs grows with the CHILD_SAs that are there.
 */
async function runStrongswan(bench: Bench, plan: SetupPlan, namespaces: Namespaces, stage: Stage): Promise<PairFigures> {
  const start = (resources: Resources): Promise<number> =>
    startStrongswan({
      folder: bench.newFolder(),
      proposal: plan.proposal,
      esp: ESP,
      on: [...namespaces.on("responder"), ...bench.placement.responder],
      resources,
    });
  const first = new Resources();
  bench.resources.hold({ release: () => first.close(), drop: () => first.drop() });
  await start(first);
  const renewResponder = async (): Promise<number> => {
    await first.close();
    return start(bench.resources);
  };
  return runPair(bench, { options: ["--proposal", plan.proposal, "--responder", ADDRESSES.responder], stage, renewResponder });
}
