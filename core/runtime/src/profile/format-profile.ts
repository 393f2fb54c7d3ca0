import type { DaemonProfile, JobTypeProfile, ShardProfile, WaitProfile } from "@cygnet/plugin-api";
import { sumJobs, sumWaits } from "./combine-profiles.js";
import { diagnose } from "./diagnose.js";
import { percentileUs } from "./histogram.js";
import { atATime, formatBytes, formatMs, formatShare, formatUs, threadsOf } from "./quantities.js";
import { alignColumns } from "./align-columns.js";

/** What plugins take less of is not shown. */
const PLUGIN_MOMENT_US = 1000;

/** A profile as lines of text: what was measured, and what stands out. */
export function formatProfile(profile: DaemonProfile): string[] {
  const blocks = [
    [headline(profile)],
    threadTable(profile),
    slotTable(profile),
    ...eachShard(profile, "jobs", jobTable, ({ jobs }) => jobs, sumJobs),
    pluginTable(profile),
    waitTable("waits of control", profile.control.waits, profile.elapsedMs),
    ...eachShard(profile, "waits", waitTable, ({ waits }) => waits, sumWaits),
    socketTable(profile),
    retransmissions(profile),
    diagnosis(profile),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .flatMap((block) => [...block, ""])
    .slice(0, -1);
}

function headline({ elapsedMs, host, shards, shardCount }: DaemonProfile): string {
  const parts = [
    `Profile of ${formatMs(elapsedMs)}`,
    `${formatMs(host.processMs)} CPU time of the process`,
    `${host.usableCpus} of ${host.onlineCpus} CPUs usable`,
    `the machine ${formatShare(host.machineMs > 0 ? host.machineBusyMs / host.machineMs : 0)} busy`,
  ];
  if (shards.length < shardCount) parts.push(`${shardCount - shards.length} of ${shardCount} shards did not answer`);
  return parts.join(", ");
}

function threadTable(profile: DaemonProfile): string[] {
  const rows = threadsOf(profile).map(({ name, profile: { saturatedMs, gc }, busy }) => [
    name,
    formatShare(busy),
    formatMs(saturatedMs),
    String(gc.count),
    formatUs(gc.totalUs),
    formatUs(percentileUs(gc, 0.99)),
    formatUs(gc.maxUs),
  ]);
  return alignColumns(["thread", "busy", "saturated", "GCs", "GC time", "p99", "max"], rows);
}

function slotTable({ elapsedMs, shards }: DaemonProfile): string[] {
  const rows = shards.map(({ shard, processor, jobs, starved }) => [
    `shard ${shard}`,
    String(processor.total),
    String(processor.idle),
    jobs.reduce((sum, { held }) => sum + atATime(held, elapsedMs), 0).toFixed(1),
    formatUs(Math.max(0, starved.totalUs + starved.pendingUs)),
    formatUs(starved.maxUs),
    processor.queued.join("/"),
    String(processor.scheduled),
  ]);
  return alignColumns(["job slots", "total", "idle now", "held at a time", "none free", "max", "queued now", "timers"], rows);
}

/** One table per shard, and one of all where there are several. */
function eachShard<T>(
  { elapsedMs, shards }: DaemonProfile,
  title: string,
  table: (title: string, rows: readonly T[], elapsedMs: number) => string[],
  pick: (shard: ShardProfile) => readonly T[],
  sum: (lists: readonly (readonly T[])[]) => readonly T[],
): string[][] {
  const tables = shards.map((shard) => table(`${title} of shard ${shard.shard}`, pick(shard), elapsedMs));
  return shards.length > 1 ? [...tables, table(`${title} of all shards`, sum(shards.map(pick)), elapsedMs)] : tables;
}

function jobTable(title: string, jobs: readonly JobTypeProfile[], elapsedMs: number): string[] {
  const byTime = jobs.toSorted((a, b) => b.run.totalUs - a.run.totalUs);
  const rows = byTime.map(({ name, count, failed, wait, run, held }) => [
    name,
    String(count),
    String(failed),
    formatUs(percentileUs(wait, 0.5)),
    formatUs(percentileUs(wait, 0.99)),
    formatUs(wait.maxUs),
    formatUs(percentileUs(run, 0.5)),
    formatUs(percentileUs(run, 0.99)),
    formatUs(run.maxUs),
    formatUs(run.totalUs),
    formatShare(elapsedMs > 0 ? run.totalUs / 1000 / elapsedMs : 0),
    atATime(held, elapsedMs).toFixed(1),
  ]);
  const header = [title, "count", "failed", "queued p50", "p99", "max", "ran p50", "p99", "max", "total", "share", "slots"];
  return alignColumns(header, rows);
}

/** The code of plugins that took more than a moment, the most first. */
function pluginTable(profile: DaemonProfile): string[] {
  const threads = threadsOf(profile);
  const rows = threads
    .flatMap(({ name, profile: { plugins } }) => plugins.map((own) => ({ ...own, name })))
    .filter(({ run }) => run.totalUs >= PLUGIN_MOMENT_US)
    .sort((a, b) => b.run.totalUs - a.run.totalUs)
    .map(({ name, plugin, what, run }) => [
      `${plugin}: ${what}${threads.length > 1 ? ` on ${name}` : ""}`,
      String(run.count),
      formatUs(percentileUs(run, 0.5)),
      formatUs(percentileUs(run, 0.99)),
      formatUs(run.maxUs),
      formatUs(run.totalUs),
    ]);
  return alignColumns(["code of plugins", "count", "ran p50", "p99", "max", "total"], rows);
}

function waitTable(title: string, waits: readonly WaitProfile[], elapsedMs: number): string[] {
  const rows = waits.map(({ on, name, failed, time }) => [
    `${on}: ${name}`,
    String(time.count),
    String(failed),
    String(time.pending),
    atATime(time, elapsedMs).toFixed(1),
    formatUs(percentileUs(time, 0.5)),
    formatUs(percentileUs(time, 0.99)),
    formatUs(time.maxUs),
  ]);
  return alignColumns([title, "count", "failed", "pending", "at a time", "p50", "p99", "max"], rows);
}

function socketTable({ shards }: DaemonProfile): string[] {
  const rows = shards.flatMap(({ shard, sockets }) =>
    sockets.map((socket) => [
      shards.length > 1 ? `${socket.local} of shard ${shard}` : socket.local,
      String(socket.received),
      String(socket.forwarded),
      String(socket.sent),
      String(socket.dropped),
      String(socket.shed),
      String(socket.sendErrors),
      formatBytes(socket.queuedBytes),
      formatBytes(socket.peakQueuedBytes),
      formatBytes(socket.bufferBytes),
    ]),
  );
  return alignColumns(
    ["socket", "received", "forwarded", "sent", "dropped", "shed", "send errors", "queued now", "most", "buffer"],
    rows,
  );
}

function retransmissions({ shards }: DaemonProfile): string[] {
  const sent = shards.reduce((sum, each) => sum + each.retransmissions.sent, 0);
  const givenUp = shards.reduce((sum, each) => sum + each.retransmissions.givenUp, 0);
  return sent + givenUp === 0 ? [] : [`${sent} requests sent again, ${givenUp} peers given up`];
}

function diagnosis(profile: DaemonProfile): string[] {
  const found = diagnose(profile);
  return found.length === 0 ? ["No single cause stands out."] : found.map(({ text }) => text);
}
