import type { ShardLinks, Undo } from "@cygnet/plugin-api";
import type { InitiationWatcher } from "./initiations.js";
import { INITIATE, PROGRESS } from "./link-topics.js";
import type { InitiationProgress, InitiationRequest } from "./link-topics.js";

/** Initiations on demand. The shards take turns; what becomes of each is learnt from what they tell. */
export class InitiationRequests {
  /** Of those that have not ended, by request. */
  readonly #watchers = new Map<number, InitiationWatcher>();
  #next = 0;

  constructor(private readonly shards: ShardLinks) {}

  /** Takes what the shards tell. @returns what ends that */
  listen(): Undo {
    return this.shards.listen(PROGRESS, (progress) => this.#progress(progress));
  }

  /** Resolves when the IKE_SA exists or is refused, and the pause is over. What is told of it may come later. */
  async initiate(watcher: InitiationWatcher, how: Omit<InitiationRequest, "request">): Promise<void> {
    const request = this.#next++;
    this.#watchers.set(request, watcher);
    try {
      await this.shards.ask(request % this.shards.count, INITIATE, { ...how, request });
    } catch (error) {
      this.#watchers.delete(request);
      throw error;
    }
  }

  #progress({ request, step }: InitiationProgress): void {
    const watcher = this.#watchers.get(request);
    if (step !== "started" && step !== "retransmitted") this.#watchers.delete(request);
    watcher?.[step]?.();
  }
}
