import { spawn } from "node:child_process";
import { networkInterfaces } from "node:os";
import { LogGroup } from "@cygnet/plugin-api";
import type { Host, Logger } from "@cygnet/plugin-api";
import { addNumbered } from "./environment.js";
import type { Environment } from "./environment.js";
import type { ScriptRun } from "./script-listener.js";
import { commandOf } from "./stock-script.js";

/** Scripts at a time; more wait. */
const MAX_SCRIPTS = 32;
/** A script that takes longer is named in the log. */
const SLOW_MS = 30_000;
/** How long the end of the daemon waits for scripts. */
const CLOSE_MS = 10_000;
/** An interface that is not found, as strongSwan calls it. */
const UNKNOWN = "unknown";
/** Of one line of output. */
const MAX_LINE = 1024;

/** What a `ScriptRunner` works with. */
export interface ScriptRunnerOptions {
  readonly log: Logger;
  /** DNS servers that the peer of an IKE_SA assigned, for `PLUTO_DNS*`. */
  readonly dnsServers: (ikeSaId: number) => readonly Host[];
}

/**
 * Runs scripts beside the daemon, those of one IKE_SA one after the other. What a script prints goes to the log, line by line. A script has
 * nothing of the daemon's environment but `PATH`.
 */
export class ScriptRunner {
  readonly #options: ScriptRunnerOptions;
  /** The last script of each IKE_SA that has scripts running or waiting. */
  readonly #last = new Map<number, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  readonly #pids = new Set<number>();
  /** By reqid, of CHILD_SAs that are up: an interface may be gone, or without its address, by the time they go down. */
  readonly #interfaces = new Map<string, string>();
  #running = 0;

  constructor(options: ScriptRunnerOptions) {
    this.#options = options;
  }

  run(run: ScriptRun): void {
    // Known now: it is gone by the time a script of an IKE_SA that ends gets its turn.
    const servers = this.#options.dnsServers(run.ikeSaId);
    const interfaceName = this.#interfaceOf(run);
    const environments = run.environments.map((environment) => complete(environment, interfaceName, servers));
    const before = this.#last.get(run.ikeSaId) ?? Promise.resolve();
    const done = before.then(async () => {
      for (const environment of environments) await this.#inTurn(() => this.#execute(run, environment));
      if (this.#last.get(run.ikeSaId) === done) this.#last.delete(run.ikeSaId);
    });
    this.#last.set(run.ikeSaId, done);
  }

  /** Waits for what was asked for, but not for ever: scripts that hang are killed. */
  async close(): Promise<void> {
    const timer = setTimeout(() => {
      for (const pid of this.#pids) kill(pid);
    }, CLOSE_MS);
    await Promise.all(this.#last.values());
    clearTimeout(timer);
  }

  #interfaceOf({ environments: [first] }: ScriptRun): string {
    if (first === undefined) return UNKNOWN;
    const reqid = first.PLUTO_REQID!;
    const isUp = first.PLUTO_VERB!.startsWith("up-");
    const name = (isUp ? undefined : this.#interfaces.get(reqid)) ?? interfaceOf(first.PLUTO_ME!);
    if (isUp) this.#interfaces.set(reqid, name);
    else this.#interfaces.delete(reqid);
    return name;
  }

  async #inTurn(execute: () => Promise<void>): Promise<void> {
    if (this.#running === MAX_SCRIPTS) await new Promise<void>((proceed) => this.#waiting.push(proceed));
    else this.#running++;
    try {
      await execute();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #execute({ script, child }: ScriptRun, environment: Environment): Promise<void> {
    const say = (line: string): void => this.#options.log.log(LogGroup.CHD, 1, line);
    return new Promise((resolve) => {
      // In a process group of its own, so that all of it can be killed.
      const process_ = spawn("/bin/sh", ["-c", commandOf(script)], {
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
        detached: true,
      });
      const { pid } = process_;
      if (pid !== undefined) this.#pids.add(pid);
      const slow = setTimeout(() => say(`updown script of CHILD_SA ${child} has not ended after ${SLOW_MS / 1000} s`), SLOW_MS);
      for (const stream of [process_.stdout, process_.stderr]) eachLine(stream, (line) => say(`updown: ${line}`));
      const ended = (problem: string | undefined): void => {
        clearTimeout(slow);
        if (pid !== undefined) this.#pids.delete(pid);
        if (problem !== undefined) say(`updown script of CHILD_SA ${child} ${problem}`);
        resolve();
      };
      process_.once("error", (error) => ended(`could not be run: ${error.message}`));
      // Not "close": something that the script left running may keep its output open.
      process_.once("exit", (_code, signal) => ended(signal === null ? undefined : `was ended by ${signal}`));
    });
  }
}

function complete(environment: Environment, interfaceName: string, servers: readonly Host[]): Environment {
  const completed: Environment = { ...environment, PLUTO_INTERFACE: interfaceName };
  if (process.env.PATH !== undefined) completed.PATH = process.env.PATH;
  addNumbered(completed, "PLUTO_DNS", servers);
  return completed;
}

function interfaceOf(address: string): string {
  for (const [name, addresses] of Object.entries(networkInterfaces()))
    if (addresses?.some((each) => each.address === address)) return name;
  return UNKNOWN;
}

function eachLine(stream: NodeJS.ReadableStream, line: (text: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!.slice(0, MAX_LINE);
    for (const each of lines) line(each.slice(0, MAX_LINE));
  });
  stream.on("end", () => {
    if (rest !== "") line(rest);
  });
}

function kill(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
