import type { Controller } from "@cygnet/plugin-api";
import type { Pauses } from "./pauses.js";

/** How long initiators sleep at most before they look again, as IKE_SAs that others set up also end unnoticed. */
const RECHECK_MS = 100;

/** What `InitLimit` works with. */
export interface InitLimitOptions {
  /** 0 for no limit. */
  readonly limit: number;
  readonly controller: Pick<Controller, "count">;
  /** Woken when an IKE_SA is up or gone. */
  readonly pauses: Pauses;
  /** Initiations that have not ended; those whose IKE_SA does not exist yet are in no other figure. */
  readonly inProgress: () => number;
}

/**
 * Lets initiators go on while no more than `limit` IKE_SAs of the daemon, of either role, are being set up.
 *
 * The daemon is asked for that number, but not before each initiation: as many as take half of the room are let through at once.
 */
export class InitLimit {
  readonly #options: InitLimitOptions;
  #room = 0;
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: InitLimitOptions) {
    this.#options = options;
  }

  /** Resolves when there is room for one more, or after `stop`. */
  enter(): Promise<void> {
    if (this.#options.limit === 0 || this.#stopped) return Promise.resolve();
    // One by one, so that initiators do not count each other's room as theirs.
    const entered = this.#last.then(() => this.#enter());
    this.#last = entered.catch(() => undefined);
    return entered;
  }

  stop(): void {
    this.#stopped = true;
    this.#options.pauses.wake();
  }

  async #enter(): Promise<void> {
    const { controller, inProgress, limit, pauses } = this.#options;
    while (!this.#stopped) {
      if (this.#room > 0) {
        this.#room--;
        return;
      }
      // A daemon that cannot say, as one that is shutting down, gets no more for now.
      const connecting = await controller.count().then(
        (counts) => counts.connecting,
        () => Infinity,
      );
      const free = limit - Math.max(connecting, inProgress());
      if (free >= 0) this.#room = Math.max(1, (free + 1) >> 1);
      else if (!this.#stopped) await pauses.sleep(RECHECK_MS);
    }
  }
}
