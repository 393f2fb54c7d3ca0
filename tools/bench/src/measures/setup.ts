import type { Bench, Figures, Measurement } from "../measurement.js";
import type { RowSpec } from "../row.js";
import { pinnedLoopback, runPair } from "./pair-run.js";
import type { PairFigures } from "./pair-run.js";

/** What a setup may cost. */
interface Bound {
  readonly atLeast?: number;
  readonly aim?: number;
}

/** A way to set up IKE_SAs, by the name that its rows have. */
export interface SetupPlan {
  readonly key: string;
  readonly proposal: string;
  readonly responder: Bound;
  readonly initiator: Bound;
  readonly rate: Bound;
}

/** Bounds of the last three are half of what the best strongSwan needed at the responder. */
export const SETUP_PLANS: readonly SetupPlan[] = [
  {
    key: "psk-modp768",
    proposal: "aes128-sha1-modp768",
    responder: { atLeast: 200, aim: 110 },
    initiator: { atLeast: 220, aim: 130 },
    rate: { atLeast: 4500, aim: 7500 },
  },
  { key: "psk-x25519", proposal: "aes128-sha256-x25519", responder: { atLeast: 325 }, initiator: {}, rate: {} },
  { key: "psk-modp2048", proposal: "aes128-sha1-modp2048", responder: { atLeast: 850 }, initiator: {}, rate: {} },
  { key: "psk-ecp256", proposal: "aes128-sha256-ecp256", responder: { atLeast: 500 }, initiator: {}, rate: {} },
];

/** The three rows of a plan. @param prefix in front of their last words */
export function setupRows({ key, responder, initiator, rate }: SetupPlan, prefix = ""): readonly RowSpec[] {
  const name = (last: string): string => `setup.${key}.${prefix}${last}`;
  return [
    { name: name("responder_cpu_us"), unit: "us", lowerIsBetter: true, ...responder },
    { name: name("initiator_cpu_us"), unit: "us", lowerIsBetter: true, ...initiator },
    { name: name("per_second"), unit: "1/s", lowerIsBetter: false, ...rate },
  ];
}

/** The values of those rows. */
export function setupFigures(plan: SetupPlan, figures: PairFigures, prefix = ""): Figures {
  const [responder, initiator, rate] = setupRows(plan, prefix);
  return {
    [responder.name]: figures.responderCpuUs,
    [initiator.name]: figures.initiatorCpuUs,
    [rate.name]: figures.perSecond,
  };
}

/** Setups of each kind on the loopback interface. */
export function setupMeasurements(): Measurement[] {
  return SETUP_PLANS.map((plan) => ({
    rows: setupRows(plan),
    run: async (bench: Bench) => {
      const options = ["--proposal", plan.proposal];
      return setupFigures(plan, await runPair(bench, { options, stage: pinnedLoopback(bench) }));
    },
  }));
}
