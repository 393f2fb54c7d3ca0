import type { Clock, SocketManager, SocketProfile, SocketStatus } from "@cygnet/plugin-api";
import type { ThreadMeter } from "@cygnet/runtime";
import type { HeapWatch } from "./heap-watch.js";

/** How often the sockets are looked at while there is work; nothing is looked at while there is none. */
const INTERVAL_MS = 100;

/** Looks now and then, at ends of turns, at what nobody counts: the queues of the sockets, how busy the thread is, and its heap. */
export class LoadWatch {
  readonly #peaks = new Map<string, number>();
  #lastMs = 0;

  constructor(
    private readonly clock: Clock,
    private readonly socketManager: SocketManager,
    private readonly thread: Pick<ThreadMeter, "sample">,
    private readonly heap: Pick<HeapWatch, "look">,
  ) {}

  turnEnded(): void {
    const { nowMs } = this.clock;
    if (nowMs - this.#lastMs < INTERVAL_MS) return;
    this.#lastMs = nowMs;
    this.#look();
    this.thread.sample(performance.now());
    this.heap.look();
  }

  /** The sockets, with the longest queue that was seen of each. */
  sockets(): SocketProfile[] {
    return this.#look().map((status) => ({ ...status, peakQueuedBytes: this.#peaks.get(status.local) ?? 0 }));
  }

  #look(): readonly SocketStatus[] {
    const all = this.socketManager.socket?.status() ?? [];
    for (const { local, queuedBytes } of all) this.#peaks.set(local, Math.max(queuedBytes, this.#peaks.get(local) ?? 0));
    return all;
  }
}
