import { PluginError, noMessages } from "@cygnet/plugin-api";
import type { MessageCounts, ProcessorStatus, SocketStatus } from "@cygnet/plugin-api";
import type { LatencyHistogram } from "./latency-histogram.js";

/** What to write to the control socket for a status: not strongSwan's, ours. */
export const STATUS_REQUEST = "STATUS\n";
/** What to write to begin the initiators that wait (`start_on_request`), with a number of initiations behind it or without; ours as well. */
export const START_REQUEST = "START";

/** Milliseconds from initiation to IKE_SA up; percentiles are off by less than 1 %. All 0 without any. */
export interface SetupTimes {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** The daemon's sockets together. */
export interface SocketCounts {
  readonly received: number;
  readonly sent: number;
  /** By the kernel, because a receive buffer was full, and first messages that the socket shed. */
  readonly dropped: number;
  readonly send_errors: number;
}

/** The job processor: working and queued jobs are by class, critical first. */
export interface JobCounts {
  readonly total: number;
  readonly idle: number;
  readonly working: readonly number[];
  readonly queued: readonly number[];
}

/** How the load test is getting on: the answer to `STATUS`, one line of JSON. Counts are since the start of the daemon. */
export interface LoadTestStatus {
  /** Initiations whose IKE_SA came to be, by initiators and control sockets. */
  readonly started: number;
  readonly established: number;
  /** Started ones that ended before they were established. */
  readonly failed: number;
  /** Those that could not be started. */
  readonly refused: number;
  /** Retransmissions of requests before an IKE_SA was established. */
  readonly retransmits: number;
  /** IKE_SAs of the daemon, of both roles, that are being set up and that are up. */
  readonly half_open: number;
  readonly up: number;
  /** Whether initiators of the configuration have something left to do. */
  readonly running: boolean;
  /** Milliseconds from the first initiation to the last one that ended. */
  readonly elapsed_ms: number;
  readonly setup_ms: SetupTimes;
  /** Milliseconds from (inclusive) and to (exclusive), and how many took so long. */
  readonly setup_ms_histogram: readonly (readonly [from: number, to: number, count: number])[];
  readonly sockets: SocketCounts;
  readonly processor: JobCounts;
  /** Received messages that came to nothing, by reason. */
  readonly messages: MessageCounts;
}

/** The sums over all sockets. */
export function socketCounts(sockets: readonly SocketStatus[]): SocketCounts {
  const sum = (count: (status: SocketStatus) => number): number => sockets.reduce((total, status) => total + count(status), 0);
  return {
    received: sum(({ received }) => received),
    sent: sum(({ sent }) => sent),
    dropped: sum(({ dropped, shed }) => dropped + shed),
    send_errors: sum(({ sendErrors }) => sendErrors),
  };
}

/** The times of a histogram in milliseconds. */
export function setupTimes(histogram: LatencyHistogram): SetupTimes {
  const at = (percent: number): number => histogram.percentile(percent) / 1000;
  return {
    count: histogram.count,
    min: histogram.min / 1000,
    mean: Math.round(histogram.mean) / 1000,
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: histogram.max / 1000,
  };
}

const NUMBERS = ["started", "established", "failed", "refused", "retransmits", "half_open", "up", "elapsed_ms"] as const;
const SOCKET_COUNTS = ["received", "sent", "dropped", "send_errors"] as const;
const MESSAGE_COUNTS = Object.keys(noMessages());
const JOB_COUNTS = ["total", "idle"] as const;
const TIMES = ["count", "min", "mean", "p50", "p90", "p95", "p99", "p999", "max"] as const;

/** The part of a snapshot that a load test is about. */
export function jobCounts({ total, idle, working, queued }: ProcessorStatus): JobCounts {
  return { total, idle, working, queued };
}

/**
 * Reads the answer to `STATUS_REQUEST`. Members that a later release adds are ignored.
 * @throws {PluginError} CYG_LOAD_TESTER_STATUS for anything else
 */
export function parseLoadTestStatus(line: string): LoadTestStatus {
  let status: unknown;
  try {
    status = JSON.parse(line);
  } catch {
    status = undefined;
  }
  if (!isStatus(status)) {
    throw new PluginError("CYG_LOAD_TESTER_STATUS", "load-tester", "the answer is no status of a load test");
  }
  return status;
}

function isStatus(value: unknown): value is LoadTestStatus {
  if (!hasNumbers(value, NUMBERS) || typeof value["running"] !== "boolean") return false;
  const histogram = value["setup_ms_histogram"];
  return (
    hasNumbers(value["setup_ms"], TIMES) &&
    hasNumbers(value["sockets"], SOCKET_COUNTS) &&
    hasNumbers(value["messages"], MESSAGE_COUNTS) &&
    hasNumbers(value["processor"], JOB_COUNTS) &&
    isClasses(value["processor"]["working"]) &&
    isClasses(value["processor"]["queued"]) &&
    Array.isArray(histogram) &&
    histogram.every((row) => Array.isArray(row) && row.length === 3 && row.every((cell) => typeof cell === "number"))
  );
}

function isClasses(value: unknown): boolean {
  return Array.isArray(value) && value.length === 4 && value.every((count) => typeof count === "number");
}

function hasNumbers(value: unknown, keys: readonly string[]): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  return keys.every((key) => typeof (value as Readonly<Record<string, unknown>>)[key] === "number");
}
