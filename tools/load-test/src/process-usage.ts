import { readFileSync } from "node:fs";

/** What a process has used. */
export interface ProcessUsage {
  /** User and system time of all its threads, in microseconds; the kernel counts in steps of 10 ms. */
  readonly cpuUs: number;
  /** Memory that is resident now, in octets. */
  readonly rssBytes: number;
}

/** Microseconds per clock tick of /proc: `USER_HZ` is 100 on every architecture of Linux. */
const TICK_US = 10_000;
/** Places in /proc/PID/stat behind the name of the program, proc(5): fields 14 and 15, where the state is field 3. */
const UTIME = 14 - 3;
const STIME = 15 - 3;

/** Reads what a process has used; undefined where there is no such process or no /proc. */
export function processUsage(pid: number): ProcessUsage | undefined {
  try {
    return parseUsage(readFileSync(`/proc/${pid}/stat`, "latin1"), readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return undefined;
  }
}

/**
 * @param stat contents of /proc/PID/stat
 * @param status contents of /proc/PID/status, which unlike statm does not depend on the size of a page
 * @returns undefined for a process that has ended and is only waited for
 */
export function parseUsage(stat: string, status: string): ProcessUsage | undefined {
  // The name of the program may hold anything, parentheses too.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const rssKb = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  const ticks = Number(fields[UTIME]) + Number(fields[STIME]);
  if (rssKb === undefined || Number.isNaN(ticks)) return undefined;
  return { cpuUs: ticks * TICK_US, rssBytes: Number(rssKb) * 1024 };
}
