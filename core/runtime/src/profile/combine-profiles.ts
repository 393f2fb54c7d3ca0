import type {
  DaemonProfile,
  JobTypeProfile,
  ShardProfile,
  SocketProfile,
  SpanProfile,
  ThreadProfile,
  TimeProfile,
  WaitProfile,
} from "@cygnet/plugin-api";
import { bucketEndUs } from "./histogram.js";

const NO_SPANS: SpanProfile = { count: 0, totalUs: 0, maxUs: 0, histogram: [], pending: 0, pendingUs: 0 };

/** The job types of several shards, as one list. */
export function sumJobs(shards: readonly (readonly JobTypeProfile[])[]): JobTypeProfile[] {
  return sumBy(
    shards,
    ({ name }) => name,
    (a, b) => ({
      name: a.name,
      count: a.count + b.count,
      failed: a.failed + b.failed,
      wait: addTimes(a.wait, b.wait),
      run: addTimes(a.run, b.run),
      held: addSpans(a.held, b.held),
    }),
  );
}

/** The same for waits. */
export function sumWaits(shards: readonly (readonly WaitProfile[])[]): WaitProfile[] {
  return sumBy(shards, waitKey, (a, b) => ({ ...a, failed: a.failed + b.failed, time: addSpans(a.time, b.time) }));
}

/** The spans of several, together. */
export function sumSpans(all: readonly SpanProfile[]): SpanProfile {
  return all.reduce(addSpans, NO_SPANS);
}

/**
 * What was measured between two profiles of the same daemon. What has a moment instead of a duration (queues, slots) is as in the later one.
 * A maximum that may be older is replaced by the end of the highest bucket with something new in it; `pendingUs` is by how much it changed,
 * so that `totalUs` and `pendingUs` together are what fell into the time between.
 */
export function profileSince(now: DaemonProfile, before: DaemonProfile): DaemonProfile {
  const { host } = now;
  return {
    elapsedMs: now.elapsedMs - before.elapsedMs,
    host: {
      ...host,
      machineBusyMs: host.machineBusyMs - before.host.machineBusyMs,
      machineMs: host.machineMs - before.host.machineMs,
      processMs: host.processMs - before.host.processMs,
    },
    control: {
      thread: threadSince(now.control.thread, before.control.thread),
      waits: waitsSince(now.control.waits, before.control.waits),
    },
    shards: now.shards.map((shard) => {
      const earlier = before.shards.find((each) => each.shard === shard.shard);
      // One that was started anew meanwhile counts from there.
      return earlier && earlier.thread.thread === shard.thread.thread ? shardSince(shard, earlier) : shard;
    }),
    shardCount: now.shardCount,
  };
}

function shardSince(now: ShardProfile, before: ShardProfile): ShardProfile {
  return {
    ...now,
    thread: threadSince(now.thread, before.thread),
    starved: spansSince(now.starved, before.starved),
    jobs: now.jobs
      .map((job) =>
        jobSince(
          job,
          before.jobs.find(({ name }) => name === job.name),
        ),
      )
      .filter(({ count, held }) => count > 0 || held.pending > 0),
    waits: waitsSince(now.waits, before.waits),
    sockets: now.sockets.map((socket) =>
      socketSince(
        socket,
        before.sockets.find(({ local }) => local === socket.local),
      ),
    ),
    retransmissions: {
      sent: now.retransmissions.sent - before.retransmissions.sent,
      givenUp: now.retransmissions.givenUp - before.retransmissions.givenUp,
    },
  };
}

function jobSince(now: JobTypeProfile, before: JobTypeProfile | undefined): JobTypeProfile {
  if (!before) return now;
  return {
    name: now.name,
    count: now.count - before.count,
    failed: now.failed - before.failed,
    wait: timesSince(now.wait, before.wait),
    run: timesSince(now.run, before.run),
    held: spansSince(now.held, before.held),
  };
}

function waitsSince(now: readonly WaitProfile[], before: readonly WaitProfile[]): WaitProfile[] {
  return now
    .map((wait) => {
      const earlier = before.find((each) => waitKey(each) === waitKey(wait));
      return earlier ? { ...wait, failed: wait.failed - earlier.failed, time: spansSince(wait.time, earlier.time) } : wait;
    })
    .filter(({ time }) => time.count > 0 || time.pending > 0);
}

function socketSince(now: SocketProfile, before: SocketProfile | undefined): SocketProfile {
  if (!before) return now;
  return {
    ...now,
    received: now.received - before.received,
    forwarded: now.forwarded - before.forwarded,
    sent: now.sent - before.sent,
    dropped: now.dropped - before.dropped,
    shed: now.shed - before.shed,
    sendErrors: now.sendErrors - before.sendErrors,
  };
}

function threadSince(now: ThreadProfile, before: ThreadProfile): ThreadProfile {
  return {
    thread: now.thread,
    elapsedMs: now.elapsedMs - before.elapsedMs,
    busyMs: now.busyMs - before.busyMs,
    saturatedMs: now.saturatedMs - before.saturatedMs,
    gc: timesSince(now.gc, before.gc),
    plugins: now.plugins
      .map((own) => {
        const earlier = before.plugins.find(({ plugin, what }) => plugin === own.plugin && what === own.what);
        return earlier ? { ...own, run: timesSince(own.run, earlier.run) } : own;
      })
      .filter(({ run }) => run.count > 0),
  };
}

function timesSince(now: TimeProfile, before: TimeProfile): TimeProfile {
  const histogram = now.histogram.map((count, bucket) => count - (before.histogram[bucket] ?? 0));
  while (histogram.at(-1) === 0) histogram.pop();
  const isNewMax = now.maxUs > before.maxUs;
  return {
    count: now.count - before.count,
    totalUs: now.totalUs - before.totalUs,
    maxUs:
      isNewMax || histogram.length === 0 ? (isNewMax ? now.maxUs : 0) : Math.min(now.maxUs, bucketEndUs(histogram.length - 1)),
    histogram,
  };
}

function spansSince(now: SpanProfile, before: SpanProfile): SpanProfile {
  return { ...timesSince(now, before), pending: now.pending, pendingUs: now.pendingUs - before.pendingUs };
}

function addTimes(a: TimeProfile, b: TimeProfile): TimeProfile {
  const length = Math.max(a.histogram.length, b.histogram.length);
  return {
    count: a.count + b.count,
    totalUs: a.totalUs + b.totalUs,
    maxUs: Math.max(a.maxUs, b.maxUs),
    histogram: Array.from({ length }, (_, bucket) => (a.histogram[bucket] ?? 0) + (b.histogram[bucket] ?? 0)),
  };
}

function addSpans(a: SpanProfile, b: SpanProfile): SpanProfile {
  return { ...addTimes(a, b), pending: a.pending + b.pending, pendingUs: a.pendingUs + b.pendingUs };
}

const waitKey = ({ on, name }: WaitProfile): string => `${on} ${name}`;

function sumBy<T>(lists: readonly (readonly T[])[], key: (item: T) => string, add: (a: T, b: T) => T): T[] {
  const sums = new Map<string, T>();
  for (const item of lists.flat()) {
    const sum = sums.get(key(item));
    sums.set(key(item), sum === undefined ? item : add(sum, item));
  }
  return [...sums.values()];
}
