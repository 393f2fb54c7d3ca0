import type { MaybePromise } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import type { ProcessMessageJob } from "../network/process-message-job.js";

/** Names are not asked for more often: anybody can send a first message. */
const INTERVAL_MS = 2000;

/**
 * Looks the host names of all connections up once more when a first message comes from an address that none of them has: the peer may have got
 * another one since.
 */
export class NameRefresh {
  #pending: Promise<void> | undefined;
  #doneAtMs = -INTERVAL_MS;

  constructor(private readonly context: IkeContext) {}

  /** @param again takes the message once more, as a job. @returns false where that would be in vain: there are no names, or it was done a moment ago */
  refreshFor(job: ProcessMessageJob, again: () => MaybePromise<void>): boolean {
    const looking = this.#refresh();
    if (!looking) return false;
    job.detach();
    const { name, priority } = job;
    void looking.then(() => this.context.processor.queue({ name, priority, execute: again }));
    return true;
  }

  #refresh(): Promise<void> | undefined {
    if (this.#pending) return this.#pending;
    const { configs, clock } = this.context;
    const names = configs.hostNames();
    if (names.size === 0 || clock.nowMs - this.#doneAtMs < INTERVAL_MS) return undefined;
    return (this.#pending = this.#look(names).finally(() => {
      this.#pending = undefined;
      this.#doneAtMs = clock.nowMs;
    }));
  }

  async #look(names: ReadonlySet<string>): Promise<void> {
    const { configs, control } = this.context;
    await Promise.all(Array.from(names, async (name) => configs.resolveName(name, await control.resolveHost(name))));
  }
}
