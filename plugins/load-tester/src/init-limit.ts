import type { ShardController } from "@cygnet/plugin-api";
import type { Pauses } from "./pauses.js";

/** How long initiators sleep at most before they look again, as IKE_SAs that others set up also end unnoticed. */
const RECHECK_MS = 100;

/** What `InitLimit` works with. */
export interface InitLimitOptions {
  /** 0 for no limit. */
  readonly limit: number;
  readonly controller: Pick<ShardController, "count">;
  /** Woken when an IKE_SA is up or gone. */
  readonly pauses: Pauses;
  /** Initiations that have not ended; those whose IKE_SA does not exist yet are in no other figure. */
  readonly inProgress: () => number;
}

/** Lets initiators go on while no more than `limit` IKE_SAs of the shard, of either role, are being set up. */
export class InitLimit {
  readonly #options: InitLimitOptions;
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: InitLimitOptions) {
    this.#options = options;
  }

  /** Whether there is room for one more, if it is begun at once. */
  hasRoom(): boolean {
    const { controller, inProgress, limit } = this.#options;
    return limit === 0 || Math.max(controller.count().connecting, inProgress()) <= limit;
  }

  /** Resolves when there was room, which others may have taken, or after `stop`. One by one, so that one timer does for all initiators. */
  wait(): Promise<void> {
    this.#last = this.#last.then(() => this.#untilRoom());
    return this.#last;
  }

  stop(): void {
    this.#stopped = true;
    this.#options.pauses.wake();
  }

  async #untilRoom(): Promise<void> {
    while (!this.#stopped && !this.hasRoom()) await this.#options.pauses.sleep(RECHECK_MS);
  }
}
