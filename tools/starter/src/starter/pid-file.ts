import type { StarterSystem } from "./starter-system.js";

/**
 * Whether the process that a pid file names is running. A file left behind by a dead process, or with something else in it, is removed.
 */
export function isRunning(path: string, system: StarterSystem, log: (line: string) => void): boolean {
  const text = system.readPidFile(path);
  if (text === undefined) return false;
  const pid = /^\s*(\d{1,10})\s*$/.exec(text)?.[1];
  if (pid !== undefined && Number(pid) > 0 && Number(pid) !== system.pid && system.isAlive(Number(pid))) return true;
  log(`removing pidfile '${path}', process not running`);
  system.removePidFile(path);
  return false;
}
