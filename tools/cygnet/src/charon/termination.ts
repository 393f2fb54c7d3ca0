import { ExitCode } from "@cygnet/command";

const SIGNALS = { SIGINT: ExitCode.INTERRUPTED, SIGTERM: ExitCode.TERMINATED } as const;

/**
 * The wish that the daemon ends: the first SIGINT or SIGTERM, or a request from within. Closing SAs takes time and may hang on a peer or a
 * plugin; a second signal ends the process at once.
 */
export class Termination {
  /** Settles once, with the line for the log. */
  readonly requested: Promise<string>;
  #resolve: (line: string) => void = () => undefined;
  #isRequested = false;

  constructor() {
    this.requested = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  request(line: string): void {
    this.#isRequested = true;
    this.#resolve(line);
  }

  /**
   * Begins to take signals.
   * @param beforeExit what must be done even if the process ends at once
   * @returns the undo
   */
  listen(beforeExit: () => void): () => void {
    const handle = (signal: NodeJS.Signals): void => {
      if (this.#isRequested) {
        beforeExit();
        process.exit(SIGNALS[signal as keyof typeof SIGNALS]);
      }
      this.request(`${signal} received, shutting down`);
    };
    const signals = Object.keys(SIGNALS) as NodeJS.Signals[];
    for (const signal of signals) process.on(signal, handle);
    return () => {
      for (const signal of signals) process.off(signal, handle);
    };
  }
}
