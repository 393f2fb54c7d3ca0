import { LatencyHistogram } from "./latency-histogram.js";
import type { LatencyCounts } from "./latency-histogram.js";
import { setupTimes } from "./load-test-status.js";
import type { LoadTestStatus, SocketCounts } from "./load-test-status.js";

/** What became of initiations. */
export type InitiationCounts = Pick<LoadTestStatus, "started" | "established" | "failed" | "refused" | "retransmits">;

/** How the load test of one shard is getting on. Plain data. */
export interface ShardStatus {
  readonly counts: InitiationCounts;
  /** Milliseconds since the epoch, with fractions, of the first initiation; Infinity before it. */
  readonly firstMs: number;
  /** As `firstMs`, of the last one that ended; -Infinity before. */
  readonly lastMs: number;
  readonly running: boolean;
  /** Microseconds. */
  readonly setupTimes: LatencyCounts;
  readonly sockets: SocketCounts;
}

/** The part of a daemon's status that its shards know. */
export function sumStatus(shards: readonly ShardStatus[]): Omit<LoadTestStatus, "half_open" | "up" | "messages" | "processor"> {
  const sum = (count: (shard: ShardStatus) => number): number => shards.reduce((total, shard) => total + count(shard), 0);
  const histogram = new LatencyHistogram();
  for (const shard of shards) histogram.add(shard.setupTimes);
  const elapsedMs = Math.max(...shards.map(({ lastMs }) => lastMs)) - Math.min(...shards.map(({ firstMs }) => firstMs));
  return {
    started: sum(({ counts }) => counts.started),
    established: sum(({ counts }) => counts.established),
    failed: sum(({ counts }) => counts.failed),
    refused: sum(({ counts }) => counts.refused),
    retransmits: sum(({ counts }) => counts.retransmits),
    running: shards.some(({ running }) => running),
    elapsed_ms: Math.round(Math.max(0, elapsedMs) * 1000) / 1000,
    setup_ms: setupTimes(histogram),
    setup_ms_histogram: histogram.buckets().map(({ from, to, count }) => [from / 1000, to / 1000, count] as const),
    sockets: {
      received: sum(({ sockets }) => sockets.received),
      sent: sum(({ sockets }) => sockets.sent),
      dropped: sum(({ sockets }) => sockets.dropped),
      send_errors: sum(({ sockets }) => sockets.send_errors),
    },
  };
}
