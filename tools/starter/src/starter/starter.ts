/**
 * What `ipsec starter` does: runs the daemon, feeds it ipsec.conf through the stroke socket, and keeps both in step.
 */

import { posix } from "node:path";
import { formatConfMessage } from "../conf/conf-message.js";
import type { ConfMessage } from "../conf/conf-message.js";
import { IpsecConfError } from "../conf/ipsec-conf-error.js";
import { loadIpsecConf } from "../conf/load-ipsec-conf.js";
import type { LoadedConf } from "../conf/load-ipsec-conf.js";
import type { NameDatabase } from "../conf/name-database.js";
import type { StarterConfig } from "../conf/starter-config.js";
import { loadRequests } from "../stroke/starter-requests.js";
import { reloadRequests, updateRequests } from "./config-diff.js";
import { daemonArguments } from "./daemon-arguments.js";
import { DaemonRunner } from "./daemon-runner.js";
import { DAEMON_WORDS, STARTER_WORDS, isRunning } from "./pid-file.js";
import type { DaemonCommand, StarterSystem } from "./starter-system.js";

/** Everything that a {@link Starter} is told from outside. */
export interface StarterSetup {
  readonly confFile: string;
  /** Where pid files are, without a slash at the end. */
  readonly pidDir: string;
  readonly strokeUri: string;
  /** Name of the daemon; its pid file is `NAME.pid`, ours `starter.NAME.pid`. */
  readonly daemonName: string;
  /** Makes the command that runs the daemon with these arguments. */
  readonly daemonCommand: (args: readonly string[]) => DaemonCommand;
  /** Product and version for the first log line. */
  readonly version: string;
  /** In the foreground: the daemon is not told to use syslog. */
  readonly nofork: boolean;
  /** Seconds between looks at the configuration files; 0: never. */
  readonly autoUpdateSec: number;
  /** Gets every log line without line feed. */
  readonly log: (line: string) => void;
  readonly system: StarterSystem;
  /** Unset: the system's. */
  readonly names?: NameDatabase;
}

/** Why starter ended; the program exits with `code`. */
export interface StarterExit {
  readonly code: 0 | 1 | 2;
  readonly reason: "stopped" | "already-running" | "bad-config" | "daemon-refused" | "failed";
}

/** Delay of a restart after the daemon died unexpectedly. A daemon that dies at once must not keep the machine busy. */
const RESTART_DELAY_MS = 5000;

/**
 * Runs one daemon. `run` starts it; `update`, `reload` and `stop` are what SIGHUP, SIGUSR1 and SIGTERM (SIGINT, SIGQUIT) are to be
 * bound to. Requests are worked off one after the other. Nothing here exits the process or installs signal handlers.
 */
export class Starter {
  readonly #setup: StarterSetup;
  readonly #runner: DaemonRunner;
  readonly #pidFile: string;
  readonly #exit: Promise<StarterExit>;
  #resolveExit: (exit: StarterExit) => void = () => {};
  /** Ends a request that a hanging daemon never answers. */
  readonly #abort = new AbortController();
  #config: StarterConfig | undefined;
  /** What is watched for --auto-update: path and time of the last change. */
  #watched: ReadonlyMap<string, number> = new Map();
  #queue: Promise<void> = Promise.resolve();
  #hasPidFile = false;
  #isStopping = false;
  #cancelRestart: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;

  constructor(setup: StarterSetup) {
    this.#setup = setup;
    this.#exit = new Promise((resolve) => {
      this.#resolveExit = resolve;
    });
    this.#pidFile = posix.join(setup.pidDir, `starter.${setup.daemonName}.pid`);
    this.#runner = new DaemonRunner({
      name: setup.daemonName,
      strokeUri: setup.strokeUri,
      system: setup.system,
      log: setup.log,
      onDied: (isFinal) => this.#daemonDied(isFinal),
    });
  }

  /**
   * Starts the daemon, loads the configuration and stays until stopped.
   *
   * @returns when the daemon is gone and the pid file removed; never rejects
   */
  run(): Promise<StarterExit> {
    void this.#enqueue(() => this.#start());
    return this.#exit;
  }

  /** Reads the configuration again and applies what changed. A broken one changes nothing. */
  update(): Promise<void> {
    return this.#enqueue(async () => {
      const before = this.#config;
      const after = this.#load(KEEPING_OLD);
      if (before === undefined || after === undefined) return;
      this.#config = after;
      if (this.#runner.isReady) await this.#send(updateRequests(before, after));
    });
  }

  /** Deletes everything and loads the configuration anew; a broken one is replaced by what was loaded before. */
  reload(): Promise<void> {
    return this.#enqueue(async () => {
      const before = this.#config;
      if (before === undefined) return;
      this.#config = this.#load(KEEPING_OLD) ?? before;
      if (this.#runner.isReady) await this.#send(reloadRequests(before, this.#config));
    });
  }

  /** Stops the daemon and ends {@link run}. May be called at any time, also twice. */
  stop(): Promise<void> {
    this.#isStopping = true;
    this.#runner.abortStart();
    this.#abort.abort();
    return this.#enqueue(() => this.#end({ code: 0, reason: "stopped" }));
  }

  /** Settles when what was asked for so far is done: the start with its connections, updates, reloads. Never rejects. */
  idle(): Promise<void> {
    return this.#queue;
  }

  /** Runs jobs strictly one after the other, as signals may come while requests are being sent. */
  #enqueue(job: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(job).catch(async (error: unknown) => {
      this.#setup.log(`starter failed: ${error instanceof Error ? error.message : String(error)}`);
      await this.#end({ code: 1, reason: "failed" });
    });
    return this.#queue;
  }

  async #start(): Promise<void> {
    const { log, system, pidDir, daemonName } = this.#setup;
    log(`Starting ${this.#setup.version} IPsec [starter]...`);
    const config = this.#load("unable to start strongSwan -- fatal errors in config");
    if (config === undefined) {
      this.#resolveExit({ code: 2, reason: "bad-config" });
      return;
    }
    this.#config = config;
    const daemonPidFile = posix.join(pidDir, `${daemonName}.pid`);
    const isDaemonRunning = isRunning({ path: daemonPidFile, words: DAEMON_WORDS }, system, log);
    if (isDaemonRunning) log(`${daemonName} is already running (${daemonPidFile} exists) -- skipping daemon start`);
    if (isRunning({ path: this.#pidFile, words: STARTER_WORDS }, system, log)) {
      log(`starter is already running (${this.#pidFile} exists) -- no fork done`);
      this.#resolveExit({ code: 0, reason: "already-running" });
      return;
    }
    system.writePidFile(this.#pidFile, `${system.pid}\n`);
    this.#hasPidFile = true;
    this.#watchNext();
    if (isDaemonRunning) {
      this.#runner.adopt();
      await this.#send(loadRequests(config));
    } else await this.#startDaemon();
  }

  async #startDaemon(): Promise<void> {
    const config = this.#config;
    if (config === undefined || this.#isStopping) return;
    const { args, ignored } = daemonArguments(config.setup, { useSyslog: !this.#setup.nofork });
    for (const item of ignored) this.#setup.log(`charondebug: ignored '${item}'`);
    if (await this.#runner.start(this.#setup.daemonCommand(args))) {
      await this.#send(loadRequests(this.#config ?? config));
      return;
    }
    if (this.#isStopping) return;
    this.#setup.log(`${this.#setup.daemonName} refused to be started`);
    await this.#end({ code: 1, reason: "daemon-refused" });
  }

  #daemonDied(isFinal: boolean): void {
    if (this.#isStopping) return;
    if (isFinal) {
      void this.#enqueue(() => this.#end({ code: 1, reason: "daemon-refused" }));
      return;
    }
    this.#setup.log(`${this.#setup.daemonName} has died -- restart scheduled (${RESTART_DELAY_MS / 1000}sec)`);
    this.#cancelRestart = this.#setup.system.after(RESTART_DELAY_MS, () => {
      this.#cancelRestart = undefined;
      void this.#enqueue(() => this.#startDaemon());
    });
  }

  async #end(exit: StarterExit): Promise<void> {
    this.#isStopping = true;
    this.#cancelRestart?.();
    this.#cancelWatch?.();
    await this.#runner.stop();
    this.#config = undefined;
    if (this.#hasPidFile) {
      this.#hasPidFile = false;
      this.#removePidFile();
      this.#setup.log("ipsec starter stopped");
    }
    this.#resolveExit(exit);
  }

  #removePidFile(): void {
    try {
      this.#setup.system.removePidFile(this.#pidFile);
    } catch (error) {
      this.#setup.log(error instanceof Error ? error.message : String(error));
    }
  }

  /** The configuration, or `undefined` with `refusal` logged if it must not be used. */
  #load(refusal: string): StarterConfig | undefined {
    const { confFile, system, names } = this.#setup;
    const say = (messages: readonly ConfMessage[]): void => messages.forEach((m) => this.#setup.log(formatConfMessage(m)));
    let loaded: LoadedConf | undefined;
    try {
      loaded = loadIpsecConf(confFile, { files: system.files, ...(names === undefined ? {} : { names }) });
      this.#watch(loaded.files);
      say(loaded.messages);
    } catch (error) {
      if (!(error instanceof IpsecConfError)) throw error;
      // The time of the broken version counts as seen, so that it is not reported again every time.
      this.#watch(this.#watched.size > 0 ? [...this.#watched.keys()] : [confFile]);
      say(error.messages);
    }
    if (loaded !== undefined && loaded.fatal === 0) return loaded.config;
    this.#setup.log(refusal);
    return undefined;
  }

  #watch(paths: readonly string[]): void {
    this.#watched = new Map(paths.map((path) => [path, this.#setup.system.files.modifiedMs(path)]));
  }

  #watchNext(): void {
    const { autoUpdateSec, system } = this.#setup;
    if (autoUpdateSec <= 0) return;
    this.#cancelWatch = system.after(autoUpdateSec * 1000, () => {
      this.#watchNext();
      const isChanged = [...this.#watched].some(([path, time]) => system.files.modifiedMs(path) !== time);
      if (isChanged) void this.update();
    });
  }

  async #send(requests: readonly Uint8Array[]): Promise<void> {
    const { strokeUri, system, log } = this.#setup;
    for (const request of requests) {
      if (this.#isStopping) return;
      try {
        await system.send(strokeUri, request, (text) => log(text.trimEnd()), this.#abort.signal);
      } catch (error) {
        if (!this.#isStopping) log(error instanceof Error ? error.message : String(error));
      }
    }
  }
}

const KEEPING_OLD = "can't reload config file due to errors -- keeping old one";
