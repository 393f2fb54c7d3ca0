import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** Whether a process with this id exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Whether a process exists and is the program that a pid file is about: after a crash or a reboot its number may be somebody else's.
 * @param words of which one must stand on its command line, as the program's name or an argument, folders before it aside
 * @returns true as well where the command line cannot be read
 */
export function isProgram(pid: number, words: readonly string[]): boolean {
  if (!isAlive(pid)) return false;
  let commandLine: string;
  try {
    commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return true;
  }
  return commandLine.split("\0").some((word) => words.includes(basename(word)));
}
