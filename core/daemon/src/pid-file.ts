import { SystemError } from "@cygnet/plugin-api";
import { closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isProgram } from "./process.js";

/** What stands on the command line of a daemon, of strongSwan or ours. */
const DAEMON_WORDS = ["charon", "charon-systemd"];
const NO_PERMISSION = new Set(["EACCES", "EPERM"]);

/**
 * The pid file, which keeps a second daemon from the same folder. strongSwan's starter takes its appearance for "ready", so it is made once
 * the plugins are loaded; `check` comes before anything is touched that a running daemon may be using.
 */
export class PidFile {
  constructor(readonly path: string) {}

  /**
   * @returns whether a stale file of a process that is gone was replaced
   * @throws {SystemError} as `check`; CYG_DAEMON_PID_FILE when it cannot be written
   */
  create(): boolean {
    const isStale = this.check();
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      const fd = openSync(this.path, isStale ? "w" : "wx", 0o644);
      writeSync(fd, `${process.pid}\n`);
      closeSync(fd);
    } catch (error) {
      const errno = (error as NodeJS.ErrnoException).code ?? "";
      throw new SystemError(
        "CYG_DAEMON_PID_FILE",
        "open",
        errno,
        `unable to create pid file '${this.path}': ${(error as Error).message}`,
      );
    }
    return isStale;
  }

  /** Removes it, if it is still ours. */
  remove(): void {
    try {
      if (this.#read() !== process.pid) return;
      unlinkSync(this.path);
    } catch {
      // It is gone, which is what we want, or not ours.
    }
  }

  /**
   * @returns whether there is a file of a process that is gone
   * @throws {SystemError} CYG_DAEMON_RUNNING while the process named in it lives and is a daemon, CYG_DAEMON_PID_FILE without permission to
   *   read it
   */
  check(): boolean {
    const pid = this.#read();
    if (pid === undefined) return false;
    if (pid > 0 && pid !== process.pid && isProgram(pid, DAEMON_WORDS)) {
      throw new SystemError(
        "CYG_DAEMON_RUNNING",
        "open",
        "EEXIST",
        `charon already running ('${this.path}' exists, process ${pid})`,
      );
    }
    return true;
  }

  /** The pid in the file, 0 for rubbish, undefined without a file. */
  #read(): number | undefined {
    try {
      const pid = Number.parseInt(readFileSync(this.path, "latin1"), 10);
      return Number.isInteger(pid) && pid > 0 ? pid : 0;
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!NO_PERMISSION.has(code)) return undefined;
      throw new SystemError("CYG_DAEMON_PID_FILE", "open", code, `no permission to read pid file '${this.path}' (${code})`);
    }
  }
}
