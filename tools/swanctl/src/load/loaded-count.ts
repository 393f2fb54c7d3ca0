import { SwanctlExit } from "../context.js";
import type { Context } from "../context.js";

/** Counts what was loaded, and says so at the end. */
export class LoadedCount {
  #found = 0;
  #loaded = 0;
  #unloaded = 0;

  /** @param plural what is counted, such as "connections" */
  constructor(
    private readonly context: Context,
    private readonly plural: string,
  ) {}

  /** One that was in the file. */
  found(isLoaded: boolean): void {
    this.#found++;
    if (isLoaded) this.#loaded++;
  }

  unloaded(): void {
    this.#unloaded++;
  }

  /** @returns the exit code */
  conclude(): number {
    const { reporter, terminal } = this.context;
    const failed = this.#found - this.#loaded;
    // The raw formats end with 0, as in strongSwan: what failed is in the messages.
    if (!reporter.isText) return failed > 0 && reporter.format === "json" ? SwanctlExit.NOT_ALL_LOADED : SwanctlExit.OK;
    if (failed > 0) {
      terminal.err(
        `loaded ${this.#loaded} of ${this.#found} ${this.plural}, ${failed} failed to load, ${this.#unloaded} unloaded\n`,
      );
      return SwanctlExit.NOT_ALL_LOADED;
    }
    terminal.out(
      this.#found === 0
        ? `no ${this.plural} found, ${this.#unloaded} unloaded\n`
        : `successfully loaded ${this.#loaded} ${this.plural}, ${this.#unloaded} unloaded\n`,
    );
    return SwanctlExit.OK;
  }
}
