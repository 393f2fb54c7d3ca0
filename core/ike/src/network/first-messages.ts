import { JobPriority, LogGroup } from "@cygnet/plugin-api";
import type { Clock, Logger, Processor } from "@cygnet/plugin-api";
import type { ProcessMessageJob } from "./process-message-job.js";

/**
 * IKE_AUTHs that may wait for their turn before first messages are held back: what finishes a handshake comes before what begins one. By
 * strongSwan's classes it is the other way round, and under overload all work would go into handshakes that nobody finishes.
 */
const WAITING_AUTHS = 16;
/** First messages that are held back; of more the oldest goes. */
const MAX_HELD = 4096;
/** From this age of the oldest on the newest comes first: the others have waited too long to be of use, and it need not. */
const NEWEST_FIRST_MS = 500;

/** What first messages go through on their way to the processor. */
export interface FirstMessagesParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly processor: Pick<Processor, "queue" | "queued">;
  /** Milliseconds after which the sender has sent it again, so that an answer to this one is of no use. */
  readonly maxAgeMs: () => number;
  /** Gives one up that is not worth answering any more. */
  readonly shed: (job: ProcessMessageJob) => void;
}

/** First messages that wait until the handshakes at hand are finished. As long as there is no overload, none does. */
export class FirstMessages {
  readonly #parts: FirstMessagesParts;
  /** A ring; `#atMs` has when each came. */
  readonly #jobs: (ProcessMessageJob | undefined)[] = Array.from({ length: MAX_HELD });
  readonly #atMs = new Float64Array(MAX_HELD);
  #head = 0;
  #length = 0;

  constructor(parts: FirstMessagesParts) {
    this.#parts = parts;
  }

  /** First messages that are held back. */
  get held(): number {
    return this.#length;
  }

  add(job: ProcessMessageJob): void {
    if (this.#length === 0 && this.#hasRoom) return this.#parts.processor.queue(job);
    if (this.#length === MAX_HELD) this.#parts.shed(this.#takeOldest());
    job.detach();
    const at = (this.#head + this.#length++) % MAX_HELD;
    this.#jobs[at] = job;
    this.#atMs[at] = this.#parts.clock.nowMs;
  }

  /** Lets go what has its turn now, and what has waited too long. For the end of each turn. */
  release(): void {
    if (this.#length === 0) return;
    const { clock, log, processor, maxAgeMs, shed } = this.#parts;
    const now = clock.nowMs;
    const oldestOfUse = now - maxAgeMs();
    let count = 0;
    for (; this.#length > 0 && this.#atMs[this.#head]! < oldestOfUse; count++) shed(this.#takeOldest());
    if (count > 0) log.log(LogGroup.NET, 1, `ignoring ${count} IKE_SA_INITs that waited too long, there is too much to do`);
    for (let room = WAITING_AUTHS; room > 0 && this.#length > 0 && this.#hasRoom; room--) {
      const isLate = now - this.#atMs[this.#head]! > NEWEST_FIRST_MS;
      processor.queue(isLate ? this.#takeNewest() : this.#takeOldest());
    }
  }

  get #hasRoom(): boolean {
    return this.#parts.processor.queued(JobPriority.LOW) < WAITING_AUTHS;
  }

  #takeOldest(): ProcessMessageJob {
    const job = this.#jobs[this.#head]!;
    this.#jobs[this.#head] = undefined;
    this.#head = (this.#head + 1) % MAX_HELD;
    this.#length--;
    return job;
  }

  #takeNewest(): ProcessMessageJob {
    const at = (this.#head + --this.#length) % MAX_HELD;
    const job = this.#jobs[at]!;
    this.#jobs[at] = undefined;
    return job;
  }
}
