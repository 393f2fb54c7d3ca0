import type { Job } from "@cygnet/plugin-api";

const FIRST_CAPACITY = 256;

/** A first-in first-out queue of jobs with the time each was queued. A ring that doubles when full; no allocation per job. */
export class JobQueue {
  #jobs: (Job | undefined)[] = Array.from<Job | undefined>({ length: FIRST_CAPACITY });
  #times = new Float64Array(FIRST_CAPACITY);
  #head = 0;
  #length = 0;
  #takenTime = 0;

  get length(): number {
    return this.#length;
  }

  /** Time that was given with the job that `take` returned last. */
  get takenTime(): number {
    return this.#takenTime;
  }

  add(job: Job, time: number): void {
    if (this.#length === this.#times.length) this.#grow();
    const tail = (this.#head + this.#length) & (this.#times.length - 1);
    this.#jobs[tail] = job;
    this.#times[tail] = time;
    this.#length++;
  }

  /** Puts a job before all others. */
  addFirst(job: Job, time: number): void {
    if (this.#length === this.#times.length) this.#grow();
    this.#head = (this.#head - 1) & (this.#times.length - 1);
    this.#jobs[this.#head] = job;
    this.#times[this.#head] = time;
    this.#length++;
  }

  /** The oldest job; the queue must not be empty. */
  take(): Job {
    const head = this.#head;
    const job = this.#jobs[head]!;
    this.#jobs[head] = undefined;
    this.#takenTime = this.#times[head];
    this.#head = (head + 1) & (this.#times.length - 1);
    this.#length--;
    return job;
  }

  /** Forgets all. @returns how many there were */
  clear(): number {
    const count = this.#length;
    this.#jobs.fill(undefined);
    this.#head = this.#length = 0;
    return count;
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    const jobs = this.#jobs.slice(this.#head).concat(this.#jobs.slice(0, this.#head));
    const times = new Float64Array(capacity);
    times.set(this.#times.subarray(this.#head));
    times.set(this.#times.subarray(0, this.#head), this.#times.length - this.#head);
    while (jobs.length < capacity) jobs.push(undefined);
    this.#jobs = jobs;
    this.#times = times;
    this.#head = 0;
  }
}
