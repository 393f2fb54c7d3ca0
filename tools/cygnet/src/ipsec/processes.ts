import { readFileSync } from "node:fs";

/** How often a process that is to end is looked for. */
const POLL_MS = 20;

/** The process that a pid file names; undefined without a file, for rubbish in it, and if there is no such process. */
export function runningPid(pidFile: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(pidFile, "latin1");
  } catch {
    return undefined;
  }
  const pid = /^\s*([1-9]\d{0,9})\s*$/.exec(text)?.[1];
  return pid !== undefined && isAlive(Number(pid)) ? Number(pid) : undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
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
