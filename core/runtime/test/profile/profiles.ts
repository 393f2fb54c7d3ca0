import type { DaemonProfile, JobTypeProfile, ShardProfile, SpanProfile, ThreadProfile, WaitProfile } from "@cygnet/plugin-api";
import { SpanTable } from "@cygnet/runtime";

/** So many spans of so many milliseconds, with others that have not ended after their own time. */
export function spans(count: number, ms: number, pending = 0, pendingMs = 0): SpanProfile {
  const table = new SpanTable(1);
  for (let i = 0; i < count; i++) table.record(0, ms);
  for (let i = 0; i < pending; i++) table.begin(0, 0);
  return table.profile(0, pendingMs);
}

export const wait = (on: string, name: string, time: SpanProfile): WaitProfile => ({ on, name, failed: 0, time });

export function job(name: string, run: SpanProfile, held: SpanProfile = spans(0, 0)): JobTypeProfile {
  return { name, count: run.count - held.pending, failed: 0, wait: spans(run.count, 0.5), run, held };
}

export function thread(number: number, busyMs: number, more: Partial<ThreadProfile> = {}): ThreadProfile {
  return { thread: number, elapsedMs: 10_000, busyMs, saturatedMs: 0, gc: spans(10, 1), plugins: [], ...more };
}

export function shard(number: number, more: Partial<ShardProfile> = {}): ShardProfile {
  return {
    shard: number,
    thread: thread(0, 1000),
    processor: { total: 16, idle: 11, working: [4, 0, 1, 0], queued: [0, 0, 0, 3], scheduled: 7 },
    starved: spans(0, 0),
    jobs: [job("process-message", spans(100, 2))],
    waits: [],
    sockets: [
      {
        local: "0.0.0.0[500]",
        received: 1000,
        forwarded: 0,
        sent: 1000,
        dropped: 0,
        shed: 0,
        sendErrors: 0,
        queuedBytes: 0,
        peakQueuedBytes: 2048,
        bufferBytes: 4_194_304,
      },
    ],
    retransmissions: { sent: 0, givenUp: 0 },
    ...more,
  };
}

/** A daemon that ran for 10 s on a machine with 8 CPUs, half of them busy, and did not do much. */
export function daemon(shards: readonly ShardProfile[] = [shard(0)], more: Partial<DaemonProfile> = {}): DaemonProfile {
  return {
    elapsedMs: 10_000,
    host: { onlineCpus: 8, usableCpus: 8, machineBusyMs: 40_000, machineMs: 80_000, processMs: 1500 },
    control: { thread: thread(0, 1000), waits: [] },
    shards,
    shardCount: shards.length,
    ...more,
  };
}
