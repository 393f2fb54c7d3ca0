import type { StarterSystem } from "./starter-system.js";

/** A pid file and the program that it is about. */
export interface PidFileOf {
  readonly path: string;
  /** Words of which one stands on that program's command line. */
  readonly words: readonly string[];
}

/** strongSwan's starter, or ours: `cygnet ipsec start`. */
export const STARTER_WORDS = ["starter", "ipsec"];
/** strongSwan's daemon, or ours. */
export const DAEMON_WORDS = ["charon", "charon-systemd"];

/**
 * Whether the program that a pid file is about is running. A file left behind by a dead process, or with something else in it, is removed.
 */
export function isRunning({ path, words }: PidFileOf, system: StarterSystem, log: (line: string) => void): boolean {
  const text = system.readPidFile(path);
  if (text === undefined) return false;
  const pid = /^\s*(\d{1,10})\s*$/.exec(text)?.[1];
  if (pid !== undefined && Number(pid) > 0 && Number(pid) !== system.pid && system.isProgram(Number(pid), words)) return true;
  log(`removing pidfile '${path}', process not running`);
  system.removePidFile(path);
  return false;
}
