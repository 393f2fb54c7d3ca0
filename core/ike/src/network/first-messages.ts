import { JobPriority, LogGroup } from "@cygnet/plugin-api";
import type { Clock, Logger, Processor } from "@cygnet/plugin-api";
import type { ProcessMessageJob } from "./process-message-job.js";
import { ServiceRate } from "./service-rate.js";

/**
 * IKE_AUTHs that may wait for their turn before first messages are held back: what finishes a handshake comes before what begins one. By
 * strongSwan's classes it is the other way round, and under overload all work would go into handshakes that nobody finishes.
 */
const WAITING_AUTHS = 16;
/** First messages that wait in the processor: enough for a turn. Those that are held back may still be shed. */
const WAITING_FIRST = 16;
/** First messages that wait in the slots of a socket, of which it has 256: those that come when more are held are copied, which has its cost. */
const HELD_IN_SLOTS = 96;
/** First messages that are held back: a burst, such as that of all clients of a gateway that was away. Some 600 octets each. */
const MAX_HELD = 16_384;
/** As many may be held however slowly they go. */
const MIN_HELD = 256;
/** Share of the time until its sender repeats it that a first message may wait, at the rate at which they go; the rest is for what comes after. */
const WAIT_SHARE = 0.75;
/** Share of that time for which the oldest has waited before fewer are held: in a burst, or while the daemon warms up, the rate says little. */
const PATIENCE_SHARE = 0.25;
/** Between two lines on what was shed. */
const LOG_INTERVAL_MS = 1000;

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

/**
 * First messages that wait until the handshakes at hand are finished, in the order in which they came. As long as there is no overload, none
 * does. No more are held than are likely to be answered before their senders repeat them: what is beyond that is best dropped before it costs
 * anything ({@link room}).
 */
export class FirstMessages {
  readonly #parts: FirstMessagesParts;
  /** A ring; `#atMs` has when each came. */
  readonly #jobs: (ProcessMessageJob | undefined)[] = Array.from({ length: MAX_HELD });
  readonly #atMs = new Float64Array(MAX_HELD);
  #head = 0;
  #length = 0;
  /** In the processor. */
  #waiting = 0;
  readonly #rate = new ServiceRate();
  #mostHeld = MAX_HELD;
  #shed = 0;
  #loggedMs = -LOG_INTERVAL_MS;

  constructor(parts: FirstMessagesParts) {
    this.#parts = parts;
  }

  /** First messages that are held back. */
  get held(): number {
    return this.#length;
  }

  /** How many more there is room for, at least 0; without room, `add` must not be called. */
  get room(): number {
    const { clock, maxAgeMs } = this.#parts;
    const isStanding = this.#length > 0 && clock.nowMs - this.#atMs[this.#head]! > PATIENCE_SHARE * maxAgeMs();
    return Math.max(0, (isStanding ? this.#mostHeld : MAX_HELD) - this.#length);
  }

  add(job: ProcessMessageJob): void {
    if (this.#length === 0 && this.#hasTurn) return this.#queue(job);
    if (this.#length >= HELD_IN_SLOTS) job.detach();
    const at = (this.#head + this.#length++) % MAX_HELD;
    this.#jobs[at] = job;
    this.#atMs[at] = this.#parts.clock.nowMs;
  }

  /** Lets go what has its turn now, and what has waited too long. For the end of each turn. */
  release(): void {
    const now = this.#parts.clock.nowMs;
    if (this.#rate.turnEnded(now, this.#length > 0)) this.#measured();
    if (this.#length === 0) return;
    this.#shedOld(now);
    while (this.#length > 0 && this.#hasTurn) this.#queue(this.#takeOldest());
  }

  /** One that was let go is worked on. */
  began(): void {
    this.#waiting--;
    this.#rate.served++;
  }

  get #hasTurn(): boolean {
    return this.#waiting < WAITING_FIRST && this.#parts.processor.queued(JobPriority.LOW) < WAITING_AUTHS;
  }

  #queue(job: ProcessMessageJob): void {
    this.#waiting++;
    job.turn = this;
    this.#parts.processor.queue(job);
  }

  #measured(): void {
    const { perMs } = this.#rate;
    const inTime = perMs * this.#parts.maxAgeMs() * WAIT_SHARE;
    this.#mostHeld = Math.min(MAX_HELD, Math.max(MIN_HELD, Math.round(inTime)));
  }

  #shedOld(now: number): void {
    const { log, maxAgeMs, shed } = this.#parts;
    const oldestOfUse = now - maxAgeMs();
    for (; this.#length > 0 && this.#atMs[this.#head]! < oldestOfUse; this.#shed++) shed(this.#takeOldest());
    if (this.#shed === 0 || now - this.#loggedMs < LOG_INTERVAL_MS) return;
    log.log(LogGroup.NET, 1, `ignoring ${this.#shed} IKE_SA_INITs that waited too long, there is too much to do`);
    this.#loggedMs = now;
    this.#shed = 0;
  }

  #takeOldest(): ProcessMessageJob {
    const job = this.#jobs[this.#head]!;
    this.#jobs[this.#head] = undefined;
    this.#head = (this.#head + 1) % MAX_HELD;
    this.#length--;
    return job;
  }
}
