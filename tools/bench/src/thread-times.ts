import { readFileSync, readdirSync } from "node:fs";

/** CPU time of each thread of a process, in nanoseconds, by thread id. */
export type ThreadTimes = ReadonlyMap<string, number>;

/** Reads it from /proc/PID/task/TID/schedstat, which unlike stat does not count in steps of 10 ms. Empty where there is no such process. */
export function threadTimes(pid: number): ThreadTimes {
  const times = new Map<string, number>();
  try {
    for (const tid of readdirSync(`/proc/${pid}/task`)) {
      const text = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, "latin1");
      times.set(tid, Number(text.slice(0, text.indexOf(" "))));
    }
  } catch {
    return new Map();
  }
  return times;
}

/** What threads used between two readings. */
export interface ThreadUse {
  /** Seconds of all threads together. */
  readonly allSeconds: number;
  /** Seconds of the thread that used most. */
  readonly busiestSeconds: number;
}

/** A thread that has ended meanwhile is not counted. */
export function threadUse(before: ThreadTimes, after: ThreadTimes): ThreadUse {
  const used = [...after].map(([tid, ns]) => (ns - (before.get(tid) ?? 0)) / 1e9);
  return { allSeconds: used.reduce((sum, seconds) => sum + seconds, 0), busiestSeconds: Math.max(0, ...used) };
}

/** Seconds in which work could be done on so many CPUs of its own: the busiest thread has one at most, and all have that many. */
export function shortestSeconds({ allSeconds, busiestSeconds }: ThreadUse, cpus: number): number {
  return Math.max(busiestSeconds, allSeconds / cpus);
}
