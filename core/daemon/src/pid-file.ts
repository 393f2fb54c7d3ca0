import { SystemError } from "@cygnet/plugin-api";
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { isProgram } from "./process.js";

/** What stands on the command line of a daemon, of strongSwan or ours. */
const DAEMON_WORDS = ["charon", "charon-systemd"];
const NO_PERMISSION = new Set(["EACCES", "EPERM"]);

/** What a daemon leaves behind that may empty its file, but not remove it. */
const EMPTY = -1;

/**
 * The pid file, which keeps a second daemon from the same folder. strongSwan's starter takes its appearance for "ready", so it is made once
 * the plugins are loaded; `check` comes before anything is touched that a running daemon may be using.
 */
export class PidFile {
  #fd: number | undefined;

  constructor(readonly path: string) {}

  /**
   * Stays open, so that it can be emptied by a process that has given up its privileges.
   *
   * @returns whether a stale file of a process that is gone was replaced
   * @throws {SystemError} as `check`; CYG_DAEMON_PID_FILE when it cannot be written
   */
  create(): boolean {
    const isStale = this.check();
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      this.#fd = openSync(this.path, this.#read() === undefined ? "wx" : "w", 0o644);
      writeSync(this.#fd, `${process.pid}\n`);
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

  /** Removes it, if it is still ours; where the folder forbids that, it stays, empty. */
  remove(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd === undefined) return;
    try {
      if (this.#read() === process.pid) {
        ftruncateSync(fd);
        unlinkSync(this.path);
      }
    } catch {
      // Somebody was faster, or we may not: an empty file names nobody.
    }
    closeSync(fd);
  }

  /**
   * @returns whether there is a file of a process that is gone
   * @throws {SystemError} CYG_DAEMON_RUNNING while the process named in it lives and is a daemon, CYG_DAEMON_PID_FILE without permission to
   *   read it
   */
  check(): boolean {
    const pid = this.#read();
    if (pid === undefined || pid === EMPTY) return false;
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

  /** The pid in the file, 0 for rubbish, `EMPTY` for nothing, undefined without a file. */
  #read(): number | undefined {
    try {
      const text = readFileSync(this.path, "latin1");
      if (text === "") return EMPTY;
      const pid = Number.parseInt(text, 10);
      return Number.isInteger(pid) && pid > 0 ? pid : 0;
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!NO_PERMISSION.has(code)) return undefined;
      throw new SystemError("CYG_DAEMON_PID_FILE", "open", code, `no permission to read pid file '${this.path}' (${code})`);
    }
  }
}
