import type { Terminal } from "@cygnet/command";

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
    const { isInteractive, columns } = this.#terminal;
    // A line that wraps could not be rewritten, and one that fills the last column wraps on some terminals.
    const text = progressText(moment, this.#last, isInteractive ? columns - 1 : Infinity);
    this.#last = moment;
    if (!isInteractive) return this.#terminal.err(`${text}\n`);
    this.#terminal.err(`${ERASE_LINE}${text}`);
    this.#isLineOpen = true;
  }

  /** Leaves the last state standing; what is printed next begins a line. */
  end(): void {
    if (this.#isLineOpen) this.#terminal.err("\n");
    this.#isLineOpen = false;
  }
}

/**
 * @param before the moment that was shown last, which the rate is counted from
 * @param width columns that there are; where they are too few, what matters less is put shorter or left out
 */
export function progressText(now: Moment, before: Moment | undefined, width = Infinity): string {
  const sinceMs = now.elapsedMs - (before?.elapsedMs ?? 0);
  const rate = sinceMs > 0 ? Math.round(((now.established - (before?.established ?? 0)) * 1000) / sinceMs) : 0;
  const head = `${(now.elapsedMs / 1000).toFixed(1).padStart(5)} s  ${now.established}/${now.sessions} set up, ${now.failed} failed, ${rate}/s`;
  const queues = (name: (side: string) => string): string =>
    now.queued.map(({ side, jobs }) => `${name(side)} ${jobs.join("/")}`).join(", ");
  const waiting = now.queued.map(({ side, jobs }) => ({ side, jobs: jobs.reduce((sum, ofClass) => sum + ofClass, 0) }));
  const texts = [
    `${head}, ${now.halfOpen} half-open, jobs queued: ${queues((side) => side)}, ${now.dropped} datagrams dropped`,
    `${head}, ${now.halfOpen} half-open, jobs ${queues((side) => side[0])}, ${now.dropped} dropped`,
    `${head}, ${now.halfOpen} half-open, jobs ${waiting.map(({ side, jobs }) => `${side[0]} ${jobs}`).join(", ")}, ${now.dropped} dropped`,
    `${head}, ${now.halfOpen} open, jobs ${waiting.map(({ jobs }) => jobs).join("+")}, ${now.dropped} dropped`,
    `${head}, ${now.halfOpen} half-open, ${now.dropped} dropped`,
    head,
  ];
  return texts.find((text) => text.length <= width) ?? head.slice(0, Math.max(1, width));
}
