import type { DaemonProfile, ShardProfile, SocketProfile, WaitProfile } from "@cygnet/plugin-api";
import { sumSpans, sumWaits } from "./combine-profiles.js";
import { percentileUs } from "./histogram.js";
import { atATime, formatBytes, formatMs, formatShare, formatUs, threadsOf } from "./quantities.js";
import type { NamedThread } from "./quantities.js";

/** Why a daemon is not faster. */
export type Cause = "affinity" | "one-shard" | "gc" | "socket-overflow" | "slots" | "initiators" | "peers";

/** A cause that stands out, with its figures, in a sentence or two. */
export interface Finding {
  readonly cause: Cause;
  readonly text: string;
}

/** A thread was saturated for this share of the time, or for this long, to count as the one that all wait for. */
const SATURATED = { share: 0.5, ms: 30_000 };
/** CPUs that idle must make up more than this. */
const IDLE_CPUS = 0.5;
const GC = { share: 0.2, ms: 100 };
const DROPPED_SHARE = 0.001;
/** Where less is granted than this, the limit of the system is why. */
const SMALL_BUFFER = 1024 * 1024;
const STARVED = { share: 0.1, ms: 100 };
/** `busy` is how busy a thread may be at most that has nothing to do with it. */
const INITIATORS = { waiting: 0.5, busy: 0.7 };
const SLOW_PEERS = { responses: 10, meanMs: 100, repeated: 0.05, busy: 0.5 };

/** What the profile says about why it does not go faster, the hardest limit first. Nothing where no cause stands out. */
export function diagnose(profile: DaemonProfile): Finding[] {
  const findings = [cpu, gc, sockets, slots, initiators, peers].map((look) => look(profile));
  return findings.filter((finding) => finding !== undefined);
}

function cpu(profile: DaemonProfile): Finding | undefined {
  const { host, elapsedMs, shardCount } = profile;
  const threads = threadsOf(profile);
  const saturated = threads.filter((thread) => isSaturated(thread, elapsedMs));
  const idleCpus = host.machineMs > 0 ? host.onlineCpus * (1 - host.machineBusyMs / host.machineMs) : 0;
  if (saturated.length === 0 || idleCpus < IDLE_CPUS) return undefined;
  const { name, profile: busiest } = mostSaturated(saturated);
  const time = `${name} was busy without a break for ${formatMs(busiest.saturatedMs)} of ${formatMs(elapsedMs)}`;
  const idle = `${idleCpus.toFixed(1)} of ${host.onlineCpus} CPUs idled`;
  if (host.usableCpus < host.onlineCpus && saturated.length >= host.usableCpus) {
    return {
      cause: "affinity",
      text:
        `The CPU affinity mask allows ${host.usableCpus} of ${host.onlineCpus} CPUs, and they are used up: ${time}, while ${idle}` +
        `${cpuTime(profile, threads)}. Widen it (taskset, cpuset, the limits of a container).`,
    };
  }
  if (saturated.length >= host.usableCpus) return undefined;
  const others = threads.filter((thread) => !saturated.includes(thread) && thread.name !== "control");
  const rest =
    others.length === 0 ? "" : `, and ${others.map((each) => `${each.name} ${formatShare(each.busy)}`).join(", ")} busy`;
  const advice = shardCount === 1 ? "All work is done by one shard." : "The work is not spread over the shards.";
  return { cause: "one-shard", text: `One thread is the limit: ${time}, while ${idle}${rest}. ${advice}` };
}

/** A thread that wants to run and does not get a CPU counts as busy, too. */
function cpuTime({ host }: DaemonProfile, threads: readonly NamedThread[]): string {
  const busyMs = threads.reduce((sum, thread) => sum + thread.profile.busyMs, 0);
  return host.processMs < busyMs * 0.8
    ? `, and others had a CPU of the mask for ${formatMs(busyMs - host.processMs)} of the ${formatMs(busyMs)} that it was wanted`
    : "";
}

function gc(profile: DaemonProfile): Finding | undefined {
  const bound = threadsOf(profile).filter(({ profile: { gc: pauses, busyMs } }) => {
    const ms = pauses.totalUs / 1000;
    return ms >= GC.ms && ms >= GC.share * busyMs;
  });
  if (bound.length === 0) return undefined;
  const { name, profile: thread } = bound.reduce((most, each) =>
    each.profile.gc.totalUs > most.profile.gc.totalUs ? each : most,
  );
  const { count, totalUs, maxUs } = thread.gc;
  return {
    cause: "gc",
    text:
      `Garbage collection took ${formatUs(totalUs)} of the ${formatMs(thread.busyMs)} that ${name} was busy ` +
      `(${formatShare(totalUs / 1000 / thread.busyMs)}), in ${count} pauses of up to ${formatUs(maxUs)}: ` +
      "the heap is too small for what it holds (NODE_OPTIONS=--max-old-space-size=MB).",
  };
}

function sockets({ shards }: DaemonProfile): Finding | undefined {
  const all = shards.flatMap((shard) => shard.sockets);
  const lossy = all.filter(({ dropped, received }) => dropped > 0 && dropped >= DROPPED_SHARE * (dropped + received));
  if (lossy.length === 0) return undefined;
  const socket = lossy.reduce((most, each) => (each.dropped > most.dropped ? each : most));
  return { cause: "socket-overflow", text: `Datagrams came faster than they were read: ${overflow(socket)}` };
}

function overflow({ local, received, dropped, bufferBytes, peakQueuedBytes }: SocketProfile): string {
  const text =
    `${local} lost ${dropped} of ${received + dropped} (${formatShare(dropped / (received + dropped))}) because its receive buffer ` +
    `of ${formatBytes(bufferBytes)} was full, the longest queue that was seen was ${formatBytes(peakQueuedBytes)}.`;
  return bufferBytes < SMALL_BUFFER ? `${text} The limit of the system is low (sysctl net.core.rmem_max).` : text;
}

function slots({ elapsedMs, control, shards }: DaemonProfile): Finding | undefined {
  const starvedMs = ({ starved }: ShardProfile): number => (starved.totalUs + starved.pendingUs) / 1000;
  const starved = shards.filter((shard) => starvedMs(shard) >= STARVED.ms && starvedMs(shard) >= STARVED.share * elapsedMs);
  if (starved.length === 0) return undefined;
  const shard = starved.reduce((most, each) => (starvedMs(each) > starvedMs(most) ? each : most));
  const { processor, jobs, thread } = shard;
  const held = jobs.map((job) => ({ name: job.name, slots: atATime(job.held, elapsedMs) }));
  const most = held.toSorted((a, b) => b.slots - a.slots).at(0);
  const sum = held.reduce((total, job) => total + job.slots, 0);
  const busy = thread.elapsedMs > 0 ? thread.busyMs / thread.elapsedMs : 0;
  const reserved = processor.idle > 0 ? ` ${processor.idle} idle ones are reserved (charon.processor.priority_threads).` : "";
  const by = most && most.slots > 0 ? `, ${most.slots.toFixed(1)} of them by '${most.name}'` : "";
  return {
    cause: "slots",
    text:
      `Jobs of shard ${shard.shard} found no free job slot for ${formatMs(starvedMs(shard))} of ${formatMs(elapsedMs)}, while its thread ` +
      `was ${formatShare(busy)} busy: of ${processor.total} slots ${sum.toFixed(1)} at a time were held by jobs that wait${by}.${reserved} ` +
      `Raise charon.threads, or look at what they wait for${longestWait([...control.waits, ...shard.waits], elapsedMs)}.`,
  };
}

/** Responses of peers hold no job slot, and the answers of shards are not what jobs wait for. */
function longestWait(waits: readonly WaitProfile[], elapsedMs: number): string {
  const candidates = waits.filter(({ on }) => on !== "peer" && on !== "link");
  const longest = candidates.toSorted((a, b) => atATime(b.time, elapsedMs) - atATime(a.time, elapsedMs)).at(0);
  if (!longest || atATime(longest.time, elapsedMs) === 0) return "";
  const { on, name, time } = longest;
  return `: ${on} ${name}, ${atATime(time, elapsedMs).toFixed(1)} at a time, p99 ${formatUs(percentileUs(time, 0.99))}`;
}

function initiators(profile: DaemonProfile): Finding | undefined {
  const { elapsedMs } = profile;
  const waits = sumWaits([profile.control.waits, ...profile.shards.map((shard) => shard.waits)]);
  const count = (name: string): number =>
    waits
      .filter((wait) => wait.on === "load-tester" && wait.name === name)
      .reduce((n, { time }) => n + atATime(time, elapsedMs), 0);
  const [all, delay, limit] = [count("initiator"), count("delay"), count("init_limit")];
  if (all === 0 || delay + limit < INITIATORS.waiting * all || !isIdle(profile, INITIATORS.busy)) return undefined;
  const advice =
    delay >= limit ? "A shorter delay or more initiators set up more" : "A higher init_limit sets up more, if the responder can";
  return {
    cause: "initiators",
    text:
      `The load test is held back by its initiators: ${formatShare((delay + limit) / all)} of their time they waited, ` +
      `${formatShare(delay / all)} for delay and ${formatShare(limit / all)} for init_limit, while ${busiestThread(profile)}. ${advice}.`,
  };
}

function peers(profile: DaemonProfile): Finding | undefined {
  const { shards } = profile;
  const time = sumSpans(shards.flatMap((shard) => shard.waits.filter(({ on }) => on === "peer").map((wait) => wait.time)));
  const repeated = shards.reduce((sum, shard) => sum + shard.retransmissions.sent, 0);
  const givenUp = shards.reduce((sum, shard) => sum + shard.retransmissions.givenUp, 0);
  const meanUs = time.count > 0 ? time.totalUs / time.count : 0;
  const isSlow = time.count >= SLOW_PEERS.responses && meanUs >= SLOW_PEERS.meanMs * 1000;
  const isLossy = repeated > 0 && repeated >= SLOW_PEERS.repeated * (time.count + repeated);
  if ((!isSlow && !isLossy && givenUp === 0) || !isIdle(profile, SLOW_PEERS.busy)) return undefined;
  const p99 = formatUs(percentileUs(time, 0.99));
  return {
    cause: "peers",
    text:
      `Peers, or the way to them, are slow: ${time.count} responses took ${formatUs(meanUs)} on average (p99 ${p99}), ` +
      `${repeated} requests were sent again and ${givenUp} peers given up, while ${busiestThread(profile)}.`,
  };
}

function isSaturated({ profile }: NamedThread, elapsedMs: number): boolean {
  return profile.saturatedMs > 0 && profile.saturatedMs >= Math.min(SATURATED.share * elapsedMs, SATURATED.ms);
}

const isIdle = (profile: DaemonProfile, atMost: number): boolean =>
  threadsOf(profile).every((thread) => thread.busy <= atMost && !isSaturated(thread, profile.elapsedMs));

const mostSaturated = (threads: readonly NamedThread[]): NamedThread =>
  threads.reduce((most, each) => (each.profile.saturatedMs > most.profile.saturatedMs ? each : most));

const busiest = (profile: DaemonProfile): NamedThread =>
  threadsOf(profile).reduce((most, each) => (each.busy > most.busy ? each : most));

function busiestThread(profile: DaemonProfile): string {
  const { name, busy } = busiest(profile);
  return `the busiest thread (${name}) was ${formatShare(busy)} busy`;
}
