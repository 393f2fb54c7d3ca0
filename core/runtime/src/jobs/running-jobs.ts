import type { Job } from "@cygnet/plugin-api";
import type { TimerSource } from "../timer-source.js";

/** The job slots by number (1, 2, ...) and the asynchronous jobs that hold some of them. */
export class RunningJobs {
  /** Numbers given back, the next one last. */
  readonly #free: number[] = [];
  readonly #jobs = new Map<number, Job>();
  #highest = 0;
  #onEmpty: (() => void) | undefined;

  /** A number that nobody holds, one that was used before where possible. */
  takeSlot(): number {
    return this.#free.pop() ?? ++this.#highest;
  }

  giveSlot(slot: number): void {
    this.#free.push(slot);
  }

  add(slot: number, job: Job): void {
    this.#jobs.set(slot, job);
  }

  remove(slot: number): void {
    this.#jobs.delete(slot);
    if (this.#jobs.size === 0) this.#onEmpty?.();
  }

  jobs(): Job[] {
    return [...this.#jobs.values()];
  }

  /** Waits until no job runs, or the time is up. @returns those that still run then */
  async settled(boundMs: number, timers: TimerSource): Promise<Job[]> {
    if (this.#jobs.size === 0) return [];
    await new Promise<void>((resolve) => {
      const timer = timers.timer(resolve, true);
      timer.arm(boundMs);
      this.#onEmpty = () => {
        timer.disarm();
        resolve();
      };
    });
    this.#onEmpty = undefined;
    return this.jobs();
  }
}
