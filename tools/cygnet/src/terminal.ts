/** Where a command writes; tests collect it. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal on which a line can be rewritten in place. */
  readonly isInteractive: boolean;
  /** Columns of that terminal. */
  readonly columns: number;
}

/** The standard output and error output of the process. Who reads them may leave early, as `head` does; the rest is not missed. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isInteractive: process.stderr.isTTY === true,
    get columns() {
      return process.stderr.columns ?? 80;
    },
  };
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
