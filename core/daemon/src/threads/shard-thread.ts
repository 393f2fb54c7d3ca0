import { Worker } from "node:worker_threads";
import { TOLD } from "../link.js";
import type { ControlPort, ShardPort } from "../link.js";
import { GONE } from "./gone-shard.js";
import { PortLink } from "./port-link.js";
import type { ShardThreadData, ThreadControlPort, ThreadPort } from "./thread-ports.js";

/** How long a thread may take to end its IKE_SAs and plugins before it is ended as it is. */
const UNLOAD_MS = 10_000;

/** What becomes of a shard's thread. */
export interface ThreadEvents {
  readonly log: Pick<ThreadControlPort, "logged" | "logTrouble">;
  /** It ended without having been told to. */
  readonly died: (fault: ThreadFault) => void;
}

/** What a thread ended of. */
export interface ThreadFault {
  readonly reason: string;
  /** Of what it threw. */
  readonly stack?: string | undefined;
}

/** A thread with a shard on it, as control has it. */
export class ShardThread {
  /** Answers as `GONE` once the thread has ended, also what was asked before. */
  readonly port: ShardPort & ThreadPort;
  readonly #worker: Worker;
  readonly #link: PortLink<ShardPort & ThreadPort>;
  readonly #ended: Promise<void>;
  #isEnding = false;
  #fault: ThreadFault = { reason: "it ended by itself" };

  /** @param heapMiB what its JavaScript heap may grow to, 0 for the engine's own limit */
  constructor(data: ShardThreadData, heapMiB: number, control: ControlPort, events: ThreadEvents) {
    this.#worker = new Worker(new URL("./shard-worker.js", import.meta.url), {
      workerData: data,
      name: `shard-${data.index}`,
      resourceLimits: heapMiB > 0 ? { maxOldGenerationSizeMb: heapMiB } : {},
    });
    this.#link = new PortLink(this.#worker, TOLD);
    this.#link.serve(events.log, control);
    this.port = this.#link.remote;
    this.#worker.on("error", (error: unknown) => (this.#fault = threadFault(error)));
    this.#ended = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#link.close(`shard ${data.index} is gone`, GONE);
        resolve();
        if (!this.#isEnding) events.died(this.#fault);
      });
    });
  }

  /** Ends it where it stands, as one that died. */
  abandon(reason: string): void {
    this.#fault = { reason };
    void this.#worker.terminate();
  }

  /** Has it end its work, and ends it. */
  async end(): Promise<void> {
    this.#isEnding = true;
    const unloaded = this.port.unload().catch(() => undefined);
    const timer = setTimeout(() => void this.#worker.terminate(), UNLOAD_MS);
    await Promise.race([unloaded, this.#ended]);
    clearTimeout(timer);
    await this.#worker.terminate();
    await this.#ended;
  }
}

function threadFault(error: unknown): ThreadFault {
  if (!(error instanceof Error)) return { reason: String(error) };
  const { code, message, stack } = error as NodeJS.ErrnoException;
  // A thread that Node.js ended has none of its own.
  return code?.startsWith("ERR_WORKER_") ? { reason: message } : { reason: message, stack };
}
