import type { StartTimer } from "../../src/index.js";

interface Armed {
  readonly delayMs: number;
  readonly callback: () => void;
}

/** Timers that fire when a test says so. */
export class ManualTimers {
  readonly #armed = new Set<Armed>();
  #waiting: (() => void)[] = [];

  readonly start: StartTimer = (delayMs, callback) => {
    const timer = { delayMs, callback };
    this.#armed.add(timer);
    for (const check of this.#waiting.splice(0)) check();
    return () => void this.#armed.delete(timer);
  };

  count(delayMs: number): number {
    return [...this.#armed].filter((timer) => timer.delayMs === delayMs).length;
  }

  /** Resolves once this many timers of this delay are armed. */
  async armed(delayMs: number, count = 1): Promise<void> {
    while (this.count(delayMs) < count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Fires all timers of this delay. */
  fire(delayMs: number): void {
    for (const timer of [...this.#armed]) {
      if (timer.delayMs !== delayMs) continue;
      this.#armed.delete(timer);
      timer.callback();
    }
  }
}
