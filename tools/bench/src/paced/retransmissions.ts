import type { PacedSession } from "./paced-session.js";

/** strongSwan's defaults: the waits before a request is sent again; behind the last it is given up. */
const WAITS_MS = [4000, 7200, 12_960, 23_328, 41_990, 75_583];

/** A request that may have to be sent again: unless the session is over or has sent another one since. */
interface Sent {
  readonly session: PacedSession;
  readonly requests: number;
  /** By `performance.now()`. */
  readonly dueMs: number;
}

/** Requests in the order in which they are due: first in, first out. */
class Line {
  #sent: Sent[] = [];
  #head = 0;

  add(sent: Sent): void {
    this.#sent.push(sent);
  }

  first(): Sent | undefined {
    return this.#sent[this.#head];
  }

  /** Takes the first one out; those that are gone are given up in large numbers, as each time moves the others. */
  shift(): void {
    if (++this.#head < 4096 || this.#head * 2 < this.#sent.length) return;
    this.#sent = this.#sent.slice(this.#head);
    this.#head = 0;
  }

  clear(): void {
    this.#sent = [];
    this.#head = 0;
  }
}

/** What of the paced client's requests has to be sent again, and when. */
export class Retransmissions {
  /** By how often they were sent again, each in the order in which they are due. */
  readonly #lines = WAITS_MS.map(() => new Line());

  /** @param again is told which session's request is due, and that it was sent so many times; see {@link isGivenUp} */
  constructor(private readonly again: (session: PacedSession, times: number) => void) {}

  /** @param times how often it was sent before */
  sent(session: PacedSession, times: number): void {
    this.#lines[times]!.add({ session, requests: session.requests, dueMs: performance.now() + WAITS_MS[times]! });
  }

  /** Sends again what is due and was not answered. */
  run(): void {
    const now = performance.now();
    for (let times = 0; times < this.#lines.length; times++) {
      const line = this.#lines[times]!;
      for (let sent = line.first(); sent !== undefined; sent = line.first()) {
        const isPending = !sent.session.isOver && sent.session.requests === sent.requests;
        if (isPending && sent.dueMs > now) break;
        line.shift();
        if (isPending) this.again(sent.session, times + 1);
      }
    }
  }

  clear(): void {
    for (const line of this.#lines) line.clear();
  }
}

/** Whether a request that was sent so often is given up. */
export function isGivenUp(times: number): boolean {
  return times >= WAITS_MS.length;
}
