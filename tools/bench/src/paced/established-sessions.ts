import type { PacedSession } from "./paced-session.js";

/** How an IKE_SA that is up is asked: whether the peer is there, or to end it. */
export type Question = "dpd" | "delete";

/** What was asked of an IKE_SA and not answered yet. */
interface Asked {
  readonly question: Question;
  /** By `performance.now()`. */
  readonly sinceMs: number;
}

/** The IKE_SAs that the paced client keeps, and how long their questions take to be answered, retransmissions included. */
export class EstablishedSessions {
  readonly #idle: PacedSession[] = [];
  readonly #asked = new Map<PacedSession, Asked>();
  #times: Record<Question, number[]> = { dpd: [], delete: [] };

  get size(): number {
    return this.#idle.length + this.#asked.size;
  }

  add(session: PacedSession): void {
    this.#idle.push(session);
  }

  /** The one that was not asked for longest, if any; `send` must follow at once. */
  ask(question: Question): PacedSession | undefined {
    const session = this.#idle.shift();
    if (session !== undefined) this.#asked.set(session, { question, sinceMs: performance.now() });
    return session;
  }

  /** @returns whether the session goes on; undefined if it was asked nothing */
  answered(session: PacedSession): boolean | undefined {
    const asked = this.#asked.get(session);
    if (asked === undefined) return undefined;
    this.#asked.delete(session);
    this.#times[asked.question].push(performance.now() - asked.sinceMs);
    if (asked.question === "dpd") this.#idle.push(session);
    return asked.question === "dpd";
  }

  /** Milliseconds that each question took since this was last called; one that waits still counts as long as it has waited. */
  takeTimes(): Readonly<Record<Question, number[]>> {
    const times = this.#times;
    this.#times = { dpd: [], delete: [] };
    for (const { question, sinceMs } of this.#asked.values()) times[question].push(performance.now() - sinceMs);
    return times;
  }
}
