/** Where a command writes; tests collect it. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether `err` is a terminal on which a line can be rewritten in place. */
  readonly isInteractive: boolean;
  /** Columns of that terminal. */
  readonly columns: number;
}

/** The standard output and error output of the process. */
export function processTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isInteractive: process.stderr.isTTY === true,
    get columns() {
      return process.stderr.columns ?? 80;
    },
  };
}
