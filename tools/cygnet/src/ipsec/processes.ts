import { readFileSync, statSync } from "node:fs";
import { isAlive, isProgram } from "@cygnet/daemon/process";
import { UsageError } from "@cygnet/command";

/** How often a process that is to end is looked for. */
const POLL_MS = 20;

/**
 * The process that a pid file names; undefined without a file, for rubbish in it, and if that is no process of this program.
 * @param words see `isProgram`
 * @throws {UsageError} without permission to look
 */
export function runningPid(pidFile: string, words: readonly string[]): number | undefined {
  const text = permitted(pidFile, () => readFileSync(pidFile, "latin1"));
  const pid = /^\s*([1-9]\d{0,9})\s*$/.exec(text ?? "")?.[1];
  return pid !== undefined && isProgram(Number(pid), words) ? Number(pid) : undefined;
}

/**
 * Whether there is one, and it is not the empty one of a daemon that had given up its privileges.
 * @throws {UsageError} without permission to look
 */
export function isThere(pidFile: string): boolean {
  return (permitted(pidFile, () => statSync(pidFile))?.size ?? 0) > 0;
}

/** What looking at a file gives, undefined if there is none. */
function permitted<T>(path: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM")
      throw new UsageError(`no permission to look at '${path}' (${code}), try as root`, { cause: error });
    return undefined;
  }
}

/** Waits until a process that is no child of ours is gone. @returns whether it went in time */
export async function gone(pid: number, patienceMs: number): Promise<boolean> {
  const end = performance.now() + patienceMs;
  while (isAlive(pid)) {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return true;
}
