/**
 * The life of the daemon process: start, wait until it listens, notice its end, stop.
 */

import type { DaemonCommand, DaemonExit, DaemonProcess, StarterSystem } from "./starter-system.js";

/** What {@link DaemonRunner} is told from outside. */
export interface DaemonRunnerSetup {
  readonly name: string;
  readonly strokeUri: string;
  readonly system: StarterSystem;
  readonly log: (line: string) => void;
  /** The daemon ended on its own after it had been ready. `isFinal`: it must not be started again. */
  readonly onDied: (isFinal: boolean) => void;
}

/** How often the socket is tried while the daemon starts. */
const POLL_MS = 20;
/** How long a daemon may take to open its socket; loading many keys from a slow token takes seconds. */
const START_LIMIT_MS = 60_000;
/** How long a daemon may take to close its SAs after SIGINT. */
const STOP_LIMIT_MS = 8_000;

/** Exit codes by which a daemon says that starting it again would not help. */
const FINAL_EXIT: Readonly<Record<number, string>> = {
  64: "integrity test of libstrongswan failed",
  65: "integrity test of charon failed",
  66: "initialization failed",
};

/** Runs at most one daemon at a time. */
export class DaemonRunner {
  readonly #setup: DaemonRunnerSetup;
  #process: DaemonProcess | undefined;
  #isReady = false;
  #isAborted = false;
  #isStopping = false;

  constructor(setup: DaemonRunnerSetup) {
    this.#setup = setup;
  }

  /** Whether requests can be sent: the daemon listens, or is another one's. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Uses a daemon that somebody else runs; it is not stopped with us. */
  adopt(): void {
    this.#isReady = true;
  }

  /** Ends the waiting in {@link start}, which then returns `false`. */
  abortStart(): void {
    this.#isAborted = true;
  }

  /** Starts the daemon. @returns whether it listens on its stroke socket; if not, it is gone and the log tells why */
  async start(command: DaemonCommand): Promise<boolean> {
    const { system, log, name, strokeUri } = this.#setup;
    const startedMs = system.nowMs();
    const child = system.spawn(command);
    this.#process = child;
    let exit: DaemonExit | undefined;
    void child.exited.then((how) => {
      exit = how;
      if (this.#process !== child) return;
      this.#process = undefined;
      if (!this.#isReady || this.#isStopping) return;
      this.#isReady = false;
      this.#setup.onDied(this.#tellFinal(how));
    });
    for (;;) {
      if (exit !== undefined) {
        this.#tellRefusal(exit);
        return false;
      }
      if (this.#isAborted) return false;
      if (await system.canConnect(strokeUri)) break;
      if (system.nowMs() - startedMs > START_LIMIT_MS) {
        log(`${name} too long to start... - kill kill`);
        this.#process = undefined;
        child.kill("SIGKILL");
        await child.exited;
        return false;
      }
      await Promise.race([this.#pause(POLL_MS), child.exited]);
    }
    this.#isReady = true;
    log(`${name} (${child.pid}) started after ${Math.round(system.nowMs() - startedMs)} ms`);
    return true;
  }

  /** Ends the daemon if it is ours: SIGINT, and SIGKILL if it does not leave in time. */
  async stop(): Promise<void> {
    const { system, log, name } = this.#setup;
    this.#isReady = false;
    this.#isStopping = true;
    const child = this.#process;
    if (child === undefined) return;
    const startedMs = system.nowMs();
    child.kill("SIGINT");
    let cancel = (): void => {};
    const isLate = new Promise<true>((resolve) => {
      cancel = system.after(STOP_LIMIT_MS, () => resolve(true));
    });
    if ((await Promise.race([child.exited, isLate])) === true) {
      log(`${name} does not respond, sending KILL`);
      child.kill("SIGKILL");
      await child.exited;
    }
    cancel();
    this.#process = undefined;
    log(`${name} stopped after ${Math.round(system.nowMs() - startedMs)} ms`);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#setup.system.after(ms, resolve));
  }

  #tellRefusal(exit: DaemonExit): void {
    if (this.#tellFinal(exit) || this.#isStopping) return;
    const { log, name } = this.#setup;
    if (exit.error !== undefined) log(`running ${name} failed: ${exit.error.message}`);
    else log(`${name} has quit before it was ready (${exit.signal === null ? `status ${exit.code}` : exit.signal})`);
  }

  /** Logs an exit that means "do not try again". */
  #tellFinal(exit: DaemonExit): boolean {
    const reason = exit.code === null ? undefined : FINAL_EXIT[exit.code];
    if (reason === undefined) return false;
    this.#setup.log(`${this.#setup.name} has quit: ${reason}`);
    return true;
  }
}
