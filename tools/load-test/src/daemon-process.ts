import { spawn } from "node:child_process";
import type { ChildProcess, Serializable } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { sidePaths } from "./daemon-settings.js";
import type { Side } from "./daemon-settings.js";

/** How a daemon ended. */
export interface DaemonEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A daemon that did not start. Code CYG_LOAD_TEST_DAEMON; `lines` is what it said, `exitCode` its own. */
export class DaemonStartError extends Error {
  readonly code = "CYG_LOAD_TEST_DAEMON";
  constructor(
    readonly role: Side["role"],
    readonly lines: readonly string[],
    readonly exitCode: number | null,
  ) {
    super(`the ${role} did not start`);
    this.name = "DaemonStartError";
  }
}

/** Runs `cygnet` in a process of its own. @param launcher `bin/cygnet.js` of the installation */
export function cygnetCommand(launcher: string): readonly string[] {
  return [process.execPath, ...process.execArgv, launcher];
}

/** How long a daemon may take to tell its peers and leave, before it is killed. */
const STOP_LIMIT_MS = 8000;

/** A `cygnet charon` child of a load test. It ends with its parent, even if that is killed. */
export class DaemonProcess {
  /** Settles when the daemon serves. @throws {DaemonStartError} */
  readonly ready: Promise<void>;
  /** Settles when the process is gone; never rejects. */
  readonly ended: Promise<DaemonEnd>;
  readonly #child: ChildProcess;
  #isEnded = false;

  /** @param cygnet the command `cygnet`, see {@link cygnetCommand} */
  constructor(
    readonly side: Side,
    cygnet: readonly string[],
  ) {
    const paths = sidePaths(side.folder);
    const output = openSync(paths.output, "w");
    const [program, ...args] = [...cygnet, "charon", "--conf", paths.conf, "--piddir", side.folder];
    this.#child = spawn(program, args, {
      // A group of its own: Ctrl-C is for the parent, which needs the daemons for the summary.
      detached: true,
      stdio: ["ignore", output, output, "ipc"],
    });
    closeSync(output);
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#isEnded = true;
        resolve({ code, signal });
      };
      this.#child.once("exit", end);
      this.#child.once("error", () => end(null, null));
    });
    this.ready = new Promise((resolve, reject) => {
      this.#child.once("message", () => resolve());
      void this.ended.then(({ code }) => reject(new DaemonStartError(side.role, outputLines(paths.output), code)));
    });
    // Whoever waits for it gets the error; nobody may be waiting if the other side failed first.
    this.ready.catch(() => undefined);
  }

  /** Asks what was put into the daemon's process from outside, see `node --import`. @returns the answer; never settles without one */
  ask(question: unknown): Promise<unknown> {
    return new Promise((resolve) => {
      this.#child.once("message", resolve);
      this.#child.send(question as Serializable);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Asks it to end, and ends it if it takes too long. */
  async stop(): Promise<void> {
    if (!this.#isEnded) this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.kill(), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    if (!this.#isEnded) this.#child.kill("SIGKILL");
  }
}

function outputLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch {
    return [];
  }
}
