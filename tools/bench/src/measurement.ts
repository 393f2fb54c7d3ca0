import type { Placement } from "./placement.js";
import type { Resources } from "./resources.js";
import type { RowSpec } from "./row.js";

/** What a measurement has to work with. */
export interface Bench {
  /** IKE_SAs of a run that does not need another number. */
  readonly sessions: number;
  /** The command `cygnet`, without anything in front of it. */
  readonly cygnet: readonly string[];
  readonly placement: Placement;
  /** Takes what the run starts; it is taken down when the run ends. */
  readonly resources: Resources;
  /** An empty folder, gone when the run ends. */
  readonly newFolder: () => string;
}

/** Values of one run, by the names of the rows. */
export type Figures = Readonly<Record<string, number>>;

/** Some rows that come out of the same runs. */
export interface Measurement {
  readonly rows: readonly RowSpec[];
  /** What is to be known of the rows, by name, as far as there is something. */
  readonly notes?: Readonly<Record<string, string>>;
  /** Why this cannot be measured here, undefined if it can. */
  readonly obstacle?: () => string | undefined;
  /** One run, warm-up included. @throws {FailedRun} */
  readonly run: (bench: Bench) => Promise<Figures>;
}

/** A run whose figures would mean nothing, such as one in which sessions failed. Code CYG_BENCH_RUN. */
export class FailedRun extends Error {
  readonly code = "CYG_BENCH_RUN";
  constructor(message: string) {
    super(message);
    this.name = "FailedRun";
  }
}

/** After so many IKE_SAs nearly all of a daemon's code runs compiled; compiling it costs several times what they cost then. */
const WARM_UP = 8000;

/** IKE_SAs to set up before those that are measured. A short bench shall not warm up for nearly all of its time. */
export function warmUpSessions(sessions: number): number {
  return Math.min(WARM_UP, sessions * 3);
}
