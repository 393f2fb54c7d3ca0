import { cpus } from "node:os";
import type { DaemonProfile, HostProfile, ShardProfile } from "@cygnet/plugin-api";
import type { ShardPort } from "../link.js";
import { usableCpus } from "../services/cpu-affinity.js";
import type { ThreadServices } from "../services/thread-services.js";

/** How long a shard is waited for: one that does not answer must not hide the others. */
const SHARD_LIMIT_MS = 2000;

/** What a `DaemonProfiler` asks. */
export interface ProfilerParts {
  readonly shards: readonly ShardPort[];
  /** The thread of control. */
  readonly thread: Pick<ThreadServices, "meter" | "waits" | "timers">;
}

/** Gathers the profile of the daemon, since this was made. */
export class DaemonProfiler {
  readonly #parts: ProfilerParts;
  readonly #startMs = performance.now();
  readonly #hostAtStart = readHost();

  constructor(parts: ProfilerParts) {
    this.#parts = parts;
  }

  async profile(): Promise<DaemonProfile> {
    const { shards, thread } = this.#parts;
    const asked = await Promise.all(shards.map((shard) => this.#ask(shard)));
    const answers = asked.filter((answer) => answer !== undefined);
    const own = thread.meter.profile();
    const isShared = answers.some((answer) => answer.thread.thread === own.thread);
    const host = readHost();
    return {
      elapsedMs: performance.now() - this.#startMs,
      host: {
        ...host,
        machineBusyMs: host.machineBusyMs - this.#hostAtStart.machineBusyMs,
        machineMs: host.machineMs - this.#hostAtStart.machineMs,
        processMs: host.processMs - this.#hostAtStart.processMs,
      },
      // A shard on the same thread has its waits, too.
      control: { thread: own, waits: isShared ? [] : thread.waits.profile() },
      shards: answers,
      shardCount: shards.length,
    };
  }

  /** @returns undefined for a shard that is too busy, or gone */
  async #ask(shard: ShardPort): Promise<ShardProfile | undefined> {
    let giveUp: () => void = () => undefined;
    const patience = new Promise<undefined>((resolve) => (giveUp = () => resolve(undefined)));
    const timer = this.#parts.thread.timers.timer(giveUp);
    timer.arm(SHARD_LIMIT_MS);
    try {
      return await Promise.race([shard.profile(), patience]);
    } catch {
      return undefined;
    } finally {
      timer.disarm();
    }
  }
}

function readHost(): HostProfile {
  const all = cpus();
  let [machineBusyMs, idleMs] = [0, 0];
  for (const { times } of all) {
    machineBusyMs += times.user + times.nice + times.sys + times.irq;
    idleMs += times.idle;
  }
  const { usable, online } = usableCpus();
  const { user, system } = process.cpuUsage();
  return {
    onlineCpus: online.length,
    usableCpus: usable.length,
    machineBusyMs,
    machineMs: machineBusyMs + idleMs,
    processMs: (user + system) / 1000,
  };
}
