import { statSync } from "node:fs";
import { UsageError } from "@cygnet/command";

/** strongSwan's folder of pid files and control sockets. */
export const DEFAULT_PID_DIR = "/var/run";

/**
 * A folder that was named and is not there was probably mistyped; it is not made, as nobody would look for the daemon in it.
 * @throws {UsageError}
 */
export function checkPidDir(pidDir: string): void {
  if (pidDir === DEFAULT_PID_DIR) return;
  let isFolder: boolean | undefined;
  try {
    isFolder = statSync(pidDir, { throwIfNoEntry: false })?.isDirectory();
  } catch (error) {
    throw new UsageError(`--piddir: ${(error as Error).message}`, { cause: error });
  }
  if (isFolder === undefined) throw new UsageError(`--piddir: there is no folder '${pidDir}'`);
  if (!isFolder) throw new UsageError(`--piddir: '${pidDir}' is no folder`);
}
