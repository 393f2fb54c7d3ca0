import { linkTopic } from "@cygnet/plugin-api";
import type { InitiationWatcher } from "./initiations.js";
import type { ShardStatus } from "./status-sum.js";

/** What initiations propose. */
export interface Proposals {
  readonly proposal: string;
  readonly esp: string;
}

/** For initiators to begin. */
export interface StartRequest {
  /** Undefined where there are no load tests. */
  readonly proposals: Proposals | undefined;
  /** Initiations of all initiators of the daemon together; Infinity for `iterations` of each. */
  readonly atMost: number;
  /** Later, as a job: when everything is loaded. */
  readonly asJob: boolean;
}

/** For one initiation on demand. */
export interface InitiationRequest {
  /** Undefined where there are no load tests: it is refused. */
  readonly proposals: Proposals | undefined;
  /** Names it in what is told about it. */
  readonly request: number;
  /** Pause behind it. */
  readonly delayMs: number;
}

/** What became of an initiation on demand. */
export interface InitiationProgress {
  readonly request: number;
  readonly step: keyof InitiationWatcher;
}

/** Answered when all initiations of the shard's initiators have ended, with their number; undefined if they were stopped before that. */
export const START_INITIATORS = linkTopic<StartRequest, number | undefined>("load-tester.start");
/** Answered when the IKE_SA exists or is refused, and the pause is over. */
export const INITIATE = linkTopic<InitiationRequest>("load-tester.initiate");
/** Told by the shards. */
export const PROGRESS = linkTopic<InitiationProgress>("load-tester.progress");
export const SHARD_STATUS = linkTopic<undefined, ShardStatus>("load-tester.status");
