/** What a logger could not do, or that it can again. Plain data. */
export interface LogTrouble {
  /** The file or output. */
  readonly target: string;
  /** Name of the error (`ENOSPC`); undefined when the target works again. */
  readonly error?: string | undefined;
  /** Messages that are missing in the target, told when it works again. */
  readonly lost: number;
}

interface Failing {
  readonly threads: Set<number>;
  lost: number;
}

/** Trouble with loggers, told once, and once more when it is over, however many threads write to the same file. */
export class LogTroubles {
  readonly #tell: (message: string) => void;
  readonly #failing = new Map<string, Failing>();

  constructor(tell: (message: string) => void) {
    this.#tell = tell;
  }

  /** @param thread who writes: a shard's index, or -1 for control */
  report(thread: number, { target, error, lost }: LogTrouble): void {
    const failing = this.#failing.get(target);
    if (error === undefined) {
      failing?.threads.delete(thread);
      const missing = lost + (failing?.lost ?? 0);
      if (failing && failing.threads.size > 0) failing.lost = missing;
      else {
        this.#failing.delete(target);
        this.#tell(`writing log to ${target} works again, ${missing} messages are missing`);
      }
    } else if (failing) failing.threads.add(thread);
    else {
      this.#failing.set(target, { threads: new Set([thread]), lost: 0 });
      this.#tell(`writing log to ${target} failed: ${error}`);
    }
  }

  /** A thread that is gone says no more that its files work again. */
  threadGone(thread: number): void {
    for (const [target, { threads }] of this.#failing) {
      threads.delete(thread);
      if (threads.size === 0) this.#failing.delete(target);
    }
  }

  /** The loggers are others now. */
  clear(): void {
    this.#failing.clear();
  }
}
