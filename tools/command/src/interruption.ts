const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Ctrl-C: the first ends what goes on and leaves time for a summary, the second ends the program at once. */
export class Interruption {
  /** Settles with the first signal. */
  readonly requested: Promise<void>;
  #resolve: () => void = () => undefined;
  #isRequested = false;

  constructor() {
    this.requested = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isRequested(): boolean {
    return this.#isRequested;
  }

  /** @param atOnce what to do on the second signal @returns the undo */
  listen(atOnce: () => void): () => void {
    const handle = (): void => {
      if (this.#isRequested) return atOnce();
      this.#isRequested = true;
      this.#resolve();
    };
    for (const signal of SIGNALS) process.on(signal, handle);
    return () => {
      for (const signal of SIGNALS) process.off(signal, handle);
    };
  }
}
