import { JobPriority } from "@cygnet/plugin-api";
import type { Scheduler, TimerId } from "@cygnet/plugin-api";

/** Waiting that can be cut short. Nothing is waited for after `stop`. */
export class Pauses {
  readonly #scheduler: Scheduler;
  readonly #waiting = new Set<() => void>();
  #stopped = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Resolves after `ms`, with `wake`, or with `stop`, whichever is first; 0 does not wait. */
  sleep(ms: number): Promise<void> {
    if (ms <= 0 || this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      let timer: TimerId = 0;
      const end = (): void => {
        this.#waiting.delete(end);
        this.#scheduler.cancel(timer);
        resolve();
      };
      this.#waiting.add(end);
      timer = this.#scheduler.schedule({ name: "load-test", priority: JobPriority.CRITICAL, execute: end }, ms);
    });
  }

  /** Ends all waiting of now. */
  wake(): void {
    if (this.#waiting.size > 0) for (const end of [...this.#waiting]) end();
  }

  stop(): void {
    this.#stopped = true;
    this.wake();
  }
}
