import type { Terminal } from "../terminal.js";

/** A load test at one moment. */
export interface Moment {
  /** Since the first initiation was asked for. */
  readonly elapsedMs: number;
  readonly sessions: number;
  readonly established: number;
  readonly failed: number;
  /** IKE_SAs being set up, as the responder sees them; the initiator for a remote responder. */
  readonly halfOpen: number;
  /** Jobs waiting on each side, by class: critical, high, medium, low. */
  readonly queued: readonly { readonly side: string; readonly jobs: readonly number[] }[];
  readonly dropped: number;
}

/** How often to look: a line that is rewritten may move, plain lines should not flood a file. */
export const PROGRESS_MS = { interactive: 250, plain: 1000 } as const;

const ERASE_LINE = "\r\x1b[K";

/** Shows how a load test goes: one line that is rewritten in place on a terminal, plain lines otherwise. */
export class Progress {
  readonly #terminal: Terminal;
  #last: Moment | undefined;
  #isLineOpen = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  show(moment: Moment): void {
    const text = progressText(moment, this.#last);
    this.#last = moment;
    if (!this.#terminal.isInteractive) return this.#terminal.err(`${text}\n`);
    // A line that wraps could not be rewritten.
    this.#terminal.err(`${ERASE_LINE}${text.slice(0, Math.max(1, this.#terminal.columns - 1))}`);
    this.#isLineOpen = true;
  }

  /** Leaves the last state standing; what is printed next begins a line. */
  end(): void {
    if (this.#isLineOpen) this.#terminal.err("\n");
    this.#isLineOpen = false;
  }
}

/** @param before the moment that was shown last, which the rate is counted from */
export function progressText(now: Moment, before: Moment | undefined): string {
  const sinceMs = now.elapsedMs - (before?.elapsedMs ?? 0);
  const rate = sinceMs > 0 ? Math.round(((now.established - (before?.established ?? 0)) * 1000) / sinceMs) : 0;
  const queues = now.queued.map(({ side, jobs }) => `${side} ${jobs.join("/")}`).join(", ");
  return (
    `${(now.elapsedMs / 1000).toFixed(1).padStart(5)} s  ${now.established}/${now.sessions} set up, ${now.failed} failed, ${rate}/s, ` +
    `${now.halfOpen} half-open, jobs queued: ${queues}, ${now.dropped} datagrams dropped`
  );
}
