import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";

/** Faults logged in full; after that every `EVERY`th is, so that one that repeats does not fill the disk. */
const FULL = 20;
const EVERY = 1000;

/**
 * Errors that nobody caught. A job that throws is caught by the job processor and costs at most its IKE_SA; what arrives here came from a
 * callback outside of any job, or from a promise that nobody awaited. No IKE_SA is at work then, so the daemon goes on: each fault is logged
 * with its stack (DMN 1) and counted, the count is logged when the daemon ends.
 */
export class FaultLog {
  #count = 0;
  readonly #onException = (error: unknown): void => this.note("uncaught exception", error);
  readonly #onRejection = (error: unknown): void => this.note("unhandled rejection", error);

  constructor(private readonly log: Logger) {}

  /** Faults so far. */
  get count(): number {
    return this.#count;
  }

  /** Begins to catch what reaches the process. @returns the undo */
  install(): () => void {
    process.on("uncaughtException", this.#onException);
    process.on("unhandledRejection", this.#onRejection);
    return () => {
      process.off("uncaughtException", this.#onException);
      process.off("unhandledRejection", this.#onRejection);
    };
  }

  note(what: string, error: unknown): void {
    this.#count++;
    if (this.#count > FULL && this.#count % EVERY !== 0) return;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.log.log(LogGroup.DMN, 1, `${what} (number ${this.#count}), going on: ${text}`);
    if (this.#count === FULL) this.log.log(LogGroup.DMN, 1, `further ones are logged only every ${EVERY} times`);
  }
}
