import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { TIMESCALE } from "./deadline.js";

/** How a command ended. */
export interface Outcome {
  /** Exit code, or 128 and the signal's number as a shell has it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Before `TIMESCALE`; the command is killed then. */
  readonly patienceMs?: number;
}

/** Runs a command to its end, whatever its exit code. @throws when it cannot be run or does not end in time */
export function attempt(
  file: string,
  args: readonly string[],
  { env, cwd, patienceMs = 20_000 }: RunOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const options = {
      env: { ...process.env, ...env },
      timeout: patienceMs * TIMESCALE,
      killSignal: "SIGKILL",
      maxBuffer: 2 ** 26,
      ...(cwd !== undefined && { cwd }),
    } as const;
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") {
        const output = `${stdout}${stderr}`.trim();
        const what = error.killed === true ? `did not end within ${options.timeout} ms` : `failed: ${error.message}`;
        reject(new Error(`${[file, ...args].join(" ")} ${what}${output && `\n${output}`}`));
      } else resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

/** Runs a command that must succeed. @returns its output @throws with the output otherwise */
export async function run(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await attempt(file, args, options);
  if (code !== 0) throw new Error(`${[file, ...args].join(" ")} ended with ${code}\n${stdout}${stderr}`.trim());
  return stdout;
}

const STOP_PATIENCE_MS = 10_000;

/** A process that runs beside the test, its output in a file. */
export class Background {
  readonly #child: ChildProcess;
  /** Exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  #end: number | NodeJS.Signals | undefined;

  constructor(
    file: string,
    args: readonly string[],
    options: { readonly output: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string },
  ) {
    const output = openSync(options.output, "a");
    try {
      this.#child = spawn(file, args, {
        stdio: ["ignore", output, output],
        env: { ...process.env, ...options.env },
        ...(options.cwd !== undefined && { cwd: options.cwd }),
      });
    } finally {
      closeSync(output);
    }
    this.ended = new Promise((resolve) => {
      const end = (how: number | NodeJS.Signals): void => {
        this.#end = how;
        resolve(how);
      };
      this.#child.on("error", () => end(127));
      this.#child.on("exit", (code, signal) => end(code ?? signal ?? 0));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** How it ended, undefined while it runs. */
  get end(): number | NodeJS.Signals | undefined {
    return this.#end;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it: SIGTERM first, SIGKILL when that does not help. @returns how it ended */
  async stop(patienceMs = STOP_PATIENCE_MS): Promise<number | NodeJS.Signals> {
    if (this.#end !== undefined) return this.#end;
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), patienceMs * TIMESCALE);
    // A stopped process gets no SIGTERM before it goes on.
    this.#child.kill("SIGCONT");
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }
}
