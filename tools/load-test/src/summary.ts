import { byCount } from "./log-digest.js";
import type { Counts, LogDigest } from "./log-digest.js";
import type { ProcessUsage } from "./process-usage.js";

/** Reasons for failures that are told. */
const SHOWN_REASONS = 5;

/** What a daemon spent on an SA (an IKE_SA with its CHILD_SA); null where the daemon is not ours or nothing was set up. */
export interface SideCost {
  readonly cpu_us_per_sa: number | null;
  readonly rss_bytes_per_sa: number | null;
}

/** The result of a load test, exactly what `--json` writes. */
export interface Summary {
  /** What was asked for. */
  readonly sessions: number;
  readonly established: number;
  /** Those that were begun and came to nothing, or could not be begun. */
  readonly failed: number;
  /** From the first initiation to the last one that ended. */
  readonly seconds: number;
  readonly setups_per_second: number;
  /** From initiation to established IKE_SA, in milliseconds. */
  readonly setup_ms: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  readonly responder: SideCost;
  readonly initiator: SideCost;
  /** By the kernel at our sockets, on both sides, since the first initiation; a remote responder's are not known. */
  readonly datagrams_dropped: number;
  readonly retransmissions: number;
}

/** What initiations came to, as the initiator counts them. */
export interface Outcome {
  readonly established: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly elapsedMs: number;
  readonly setupMs: Summary["setup_ms"];
}

/** What a side used from just before the first initiation to the end; undefined where that could not be read. */
export interface SideUsage {
  readonly before: ProcessUsage | undefined;
  readonly after: ProcessUsage | undefined;
}

/** What a summary is made from. */
export interface SummaryParts {
  readonly sessions: number;
  readonly outcome: Outcome;
  /** Undefined for a remote responder. */
  readonly responder: SideUsage | undefined;
  readonly initiator: SideUsage;
  readonly dropped: number;
}

export function summarize({ sessions, outcome, responder, initiator, dropped }: SummaryParts): Summary {
  const { established, failed, retransmissions, elapsedMs, setupMs } = outcome;
  const seconds = elapsedMs / 1000;
  return {
    sessions,
    established,
    failed,
    seconds: round(seconds, 3),
    setups_per_second: seconds > 0 ? round(established / seconds, 1) : 0,
    setup_ms: { p50: round(setupMs.p50, 3), p95: round(setupMs.p95, 3), p99: round(setupMs.p99, 3), max: round(setupMs.max, 3) },
    responder: cost(responder, established),
    initiator: cost(initiator, established),
    datagrams_dropped: dropped,
    retransmissions,
  };
}

function cost(usage: SideUsage | undefined, sas: number): SideCost {
  const { before, after } = usage ?? {};
  if (before === undefined || after === undefined || sas === 0) return { cpu_us_per_sa: null, rss_bytes_per_sa: null };
  return {
    cpu_us_per_sa: round((after.cpuUs - before.cpuUs) / sas, 1),
    // Memory that was given back in between says nothing about SAs.
    rss_bytes_per_sa: Math.max(0, Math.round((after.rssBytes - before.rssBytes) / sas)),
  };
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}

/**
 * The summary as text, one figure a line.
 * @param log of the initiator: why sessions failed
 */
export function formatSummary(summary: Summary, log?: Pick<LogDigest, "failures" | "childFailures">): string {
  const { setup_ms: ms, responder, initiator } = summary;
  const lines: [name: string, value: string][] = [
    [
      "sessions",
      `${summary.established} of ${summary.sessions} set up, ${summary.failed} failed, in ${summary.seconds.toFixed(2)} s`,
    ],
    ["setups per second", summary.setups_per_second.toFixed(1)],
    ["setup time", `p50 ${time(ms.p50)}, p95 ${time(ms.p95)}, p99 ${time(ms.p99)}, max ${time(ms.max)}`],
    ["responder per SA", costText(responder)],
    ["initiator per SA", costText(initiator)],
    ["datagrams dropped", String(summary.datagrams_dropped)],
    ["retransmissions", String(summary.retransmissions)],
  ];
  if (summary.failed > 0) lines.splice(1, 0, ["failed because of", reasons(log?.failures ?? new Map(), summary.failed)]);
  const childless = log ? sum(log.childFailures) : 0;
  if (log && childless > 0) lines.splice(1, 0, ["without a CHILD_SA", reasons(log.childFailures, childless)]);
  return lines.map(([name, value]) => `${`${name}:`.padEnd(20)}${value}\n`).join("");
}

/** The most frequent reasons with their counts, and how many have another one or none that is known. */
function reasons(counts: Counts, total: number): string {
  const shown = byCount(counts).slice(0, SHOWN_REASONS);
  const others = total - shown.reduce((before, [, count]) => before + count, 0);
  const texts = shown.map(([text, count]) => `${text} ${count}`);
  if (others > 0) texts.push(`${shown.length === 0 ? "reasons not in the log" : "others"} ${others}`);
  return texts.join(", ");
}

function sum(counts: Counts): number {
  return [...counts.values()].reduce((before, count) => before + count, 0);
}

function time(ms: number): string {
  return `${ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

function costText({ cpu_us_per_sa: cpu, rss_bytes_per_sa: rss }: SideCost): string {
  if (cpu === null || rss === null) return "not known";
  return `${cpu.toFixed(0)} us of CPU, ${rss} bytes resident`;
}
