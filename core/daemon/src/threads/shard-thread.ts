import { Worker } from "node:worker_threads";
import { TOLD } from "../link.js";
import type { ControlPort, ShardPort } from "../link.js";
import { PortLink } from "./port-link.js";
import type { ShardThreadData, ThreadControlPort, ThreadPort } from "./thread-ports.js";

/** How long a thread may take to end its IKE_SAs and plugins before it is ended as it is. */
const UNLOAD_MS = 10_000;

/** What becomes of a shard's thread. */
export interface ThreadEvents {
  readonly logged: ThreadControlPort["logged"];
  /** It ended without having been told to. */
  readonly died: (error: Error) => void;
}

/** A thread with a shard on it, as control has it. */
export class ShardThread {
  readonly port: ShardPort & ThreadPort;
  readonly #worker: Worker;
  readonly #link: PortLink<ShardPort & ThreadPort>;
  readonly #ended: Promise<void>;
  #isEnding = false;

  constructor(data: ShardThreadData, control: ControlPort, events: ThreadEvents) {
    this.#worker = new Worker(new URL("./shard-worker.js", import.meta.url), {
      workerData: data,
      name: `shard-${data.index}`,
      execArgv: [...process.execArgv],
    });
    this.#link = new PortLink(this.#worker, TOLD);
    this.#link.serve({ logged: events.logged }, control);
    this.port = this.#link.remote;
    let fault = new Error("it ended by itself");
    this.#worker.on("error", (error: Error) => (fault = error));
    this.#ended = new Promise((resolve) => {
      this.#worker.once("exit", () => {
        this.#link.close(`shard ${data.index} is gone`);
        resolve();
        if (!this.#isEnding) events.died(fault);
      });
    });
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
