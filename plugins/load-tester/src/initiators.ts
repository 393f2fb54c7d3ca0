import { setImmediate } from "node:timers/promises";
import type { WaitMeter } from "@cygnet/plugin-api";
import type { InitLimit } from "./init-limit.js";
import type { Initiations } from "./initiations.js";
import type { Pauses } from "./pauses.js";

/** Initiations after which the event loop gets its turn, however little each of them waits. */
const YIELD_EVERY = 4;
/** Pause of an endless initiator whose initiation could not be started; without it, it would try as fast as it can. */
const REFUSED_PAUSE_MS = 100;

/** Whose waits they are in the profile. */
const PLUGIN = "load-tester";

/** What `Initiators` works with. */
export interface InitiatorsOptions {
  readonly initiators: number;
  /** Of each; 0 for as long as the daemon runs. */
  readonly iterations: number;
  readonly delayMs: number;
  readonly initiations: Initiations;
  readonly initLimit: InitLimit;
  readonly pauses: Pauses;
  readonly waits: WaitMeter;
  /** Takes a job slot for an initiator. @returns what gives it back */
  readonly occupy: () => () => void;
}

/** A shard's initiators of the configuration: each has a job slot, initiates, waits a while, and does it again. */
export class Initiators {
  readonly #options: InitiatorsOptions;
  readonly #completed: Promise<number | undefined>;
  #complete: (ended: number | undefined) => void = () => undefined;
  /** Initiations altogether, Infinity without an end. */
  #total: number;
  #begun = 0;
  #ended = 0;
  #started = false;
  #stopped = false;

  constructor(options: InitiatorsOptions) {
    this.#options = options;
    const { initiators, iterations } = options;
    this.#total = iterations === 0 && initiators > 0 ? Infinity : initiators * iterations;
    this.#completed = new Promise((resolve) => {
      this.#complete = resolve;
    });
  }

  /** Resolves when all initiations have ended, with their number; with undefined when nothing is initiated any more. */
  get completed(): Promise<number | undefined> {
    return this.#completed;
  }

  /** Whether there will be, or are, initiations that have not ended. */
  get isRunning(): boolean {
    return !this.#stopped && this.#ended < this.#total;
  }

  /**
   * Begins. A second call does nothing.
   * @param atMost initiations of all initiators together, which share them; unset: `iterations` of each
   */
  start(atMost = Infinity): void {
    if (this.#started) return;
    this.#started = true;
    this.#total = Math.min(this.#total, atMost);
    if (this.#total === 0) this.#complete(0);
    for (let i = 0; i < this.#options.initiators; i++) void this.#run();
  }

  /** Nothing is initiated from now on. */
  stop(): void {
    this.#stopped = true;
    this.#complete(undefined);
  }

  async #run(): Promise<void> {
    const giveBack = this.#options.occupy();
    try {
      await this.#options.waits.measure(PLUGIN, "initiator", this.#initiate());
    } finally {
      giveBack();
    }
  }

  async #initiate(): Promise<void> {
    const { delayMs, initiations, initLimit, iterations, pauses, waits } = this.#options;
    const ended = (): void => this.#countEnded();
    let pauseMs = delayMs;
    const refused = (): void => {
      if (iterations === 0) pauseMs = Math.max(delayMs, REFUSED_PAUSE_MS);
      ended();
    };
    const watcher = { refused, established: ended, failed: ended };
    for (let done = 0; (iterations === 0 || done < iterations) && !this.#stopped && this.#begun < this.#total; done++) {
      this.#begun++;
      while (!this.#stopped && !initLimit.hasRoom()) await waits.measure(PLUGIN, "init_limit", initLimit.wait());
      if (this.#stopped) return;
      pauseMs = delayMs;
      await initiations.initiate(watcher);
      if (pauseMs > 0) await waits.measure(PLUGIN, "delay", pauses.sleep(pauseMs));
      else if (done % YIELD_EVERY === 0) await setImmediate();
    }
  }

  #countEnded(): void {
    this.#ended++;
    // Counted without the initiations of control sockets, and without the responder's side in a loopback.
    if (this.#ended === this.#total) this.#complete(this.#ended);
  }
}
