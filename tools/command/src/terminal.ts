/** Where a command writes; tests collect it. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether `out` is a terminal, which can be cleared. */
  readonly isOutputInteractive: boolean;
  /** Nobody reads `out` any more. */
  readonly isOutputClosed: boolean;
  /** Whether `err` is a terminal on which a line can be rewritten in place. */
  readonly isInteractive: boolean;
  /** Columns of that terminal. */
  readonly columns: number;
}

/** Columns of a terminal that does not tell. */
const DEFAULT_COLUMNS = 80;

/** The standard output and error output of the process. Who reads them may leave early, as `head` does; the rest is not missed. */
export function processTerminal(): Terminal {
  let isOutputClosed = false;
  process.stdout.once("error", () => (isOutputClosed = true));
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isOutputInteractive: process.stdout.isTTY === true,
    get isOutputClosed() {
      return isOutputClosed;
    },
    isInteractive: process.stderr.isTTY === true,
    get columns() {
      // 0 is what a terminal says whose size nobody set.
      return process.stderr.columns || DEFAULT_COLUMNS;
    },
  };
}

/** The same without an error output, where only the exit code shall tell. */
export function quietTerminal(terminal: Terminal): Terminal {
  return {
    out: (text) => terminal.out(text),
    err: () => undefined,
    isOutputInteractive: terminal.isOutputInteractive,
    get isOutputClosed() {
      return terminal.isOutputClosed;
    },
    isInteractive: terminal.isInteractive,
    columns: terminal.columns,
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
