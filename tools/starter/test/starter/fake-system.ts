import type { DaemonCommand, DaemonExit, StarterSystem } from "../../src/starter/starter-system.js";
import { memoryFiles } from "../helpers.js";

/** A daemon that exists only in the test. */
export interface FakeDaemon {
  readonly pid: number;
  readonly command: DaemonCommand;
  readonly signals: string[];
  exit(how: Partial<DaemonExit>): void;
}

/** A system without processes, sockets and clocks: time passes when the test says so. */
export class FakeSystem implements StarterSystem {
  readonly pid = 4000;
  readonly contents: Record<string, string> = {};
  readonly modified: Record<string, number> = {};
  readonly pidFiles: Record<string, string> = {};
  /** A word of the command line of each process that runs. */
  readonly commands = new Map<number, string>();
  readonly daemons: FakeDaemon[] = [];
  readonly sent: Uint8Array[] = [];
  /** What a new daemon does: listen at once, exit at once, or neither. */
  onSpawn: "listen" | "nothing" | { readonly code: number } = "listen";
  /** Whether SIGINT ends a daemon. */
  obeysInterrupt = true;
  isListening = false;
  /** Requests are never answered while set. */
  hangs = false;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];
  #now = 0;

  readonly files = { ...memoryFiles(this.contents), modifiedMs: (path: string): number => this.modified[path] ?? 0 };

  spawn(command: DaemonCommand): { pid: number; kill: (signal: "SIGINT" | "SIGKILL") => void; exited: Promise<DaemonExit> } {
    let settle: (how: DaemonExit) => void = () => {};
    const exited = new Promise<DaemonExit>((resolve) => {
      settle = resolve;
    });
    const signals: string[] = [];
    const exit = (how: Partial<DaemonExit>): void => {
      this.isListening = false;
      settle({ code: null, signal: null, ...how });
    };
    const pid = 5000 + this.daemons.length;
    this.daemons.push({ pid, command, signals, exit });
    if (this.onSpawn === "listen") this.isListening = true;
    else if (typeof this.onSpawn === "object") exit(this.onSpawn);
    const kill = (signal: "SIGINT" | "SIGKILL"): void => {
      signals.push(signal);
      if (signal === "SIGKILL" || this.obeysInterrupt) exit({ signal });
    };
    return { pid, kill, exited };
  }

  isProgram(pid: number, words: readonly string[]): boolean {
    const word = this.commands.get(pid);
    return word !== undefined && words.includes(word);
  }
  readPidFile(path: string): string | undefined {
    return this.pidFiles[path];
  }
  writePidFile(path: string, text: string): void {
    this.pidFiles[path] = text;
  }
  removePidFile(path: string): void {
    delete this.pidFiles[path];
  }
  canConnect(): Promise<boolean> {
    return Promise.resolve(this.isListening);
  }
  send(_uri: string, request: Uint8Array, _onText: (text: string) => void, signal: AbortSignal): Promise<void> {
    this.sent.push(request);
    if (!this.hangs) return Promise.resolve();
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
  }
  nowMs(): number {
    return this.#now;
  }
  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Lets all promises that can settle do so. */
  async settle(): Promise<void> {
    for (let i = 0; i < 50; i++) await Promise.resolve();
  }

  /** Lets time pass, timer by timer. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = next.at;
      next.callback();
      await this.settle();
    }
    this.#now = end;
  }
}
