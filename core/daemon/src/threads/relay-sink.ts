import type { LogGroup, LogRecord } from "@cygnet/plugin-api";
import type { AdjustableSink, LogDemand } from "@cygnet/runtime";
import { RecordPacker } from "./record-batch.js";
import type { RecordBatch } from "./record-batch.js";

/** The log of a shard on its own thread: gathers records and hands them to control, which has the files. */
export class RelaySink implements AdjustableSink {
  #demand: LogDemand;
  readonly #records = new RecordPacker();

  /** @param relay called once per turn of the event loop with what came up in it; @param firstThread number of the shard's job slot 1, less 1 */
  constructor(
    demand: LogDemand,
    private readonly firstThread: number,
    private readonly relay: (records: RecordBatch) => void,
  ) {
    this.#demand = demand;
  }

  get precise(): boolean {
    return this.#demand.precise;
  }

  /** The log's levels have to be refreshed after it. */
  setDemand(demand: LogDemand): void {
    this.#demand = demand;
  }

  level(group: LogGroup): number {
    return this.#demand.levels[group]!;
  }

  write(record: LogRecord): void {
    const thread = record.thread === 0 ? 0 : record.thread + this.firstThread;
    if (this.#records.add(record, thread)) setImmediate(() => this.flush());
  }

  flush(): void {
    const records = this.#records.take();
    if (records) this.relay(records);
  }

  end(): Promise<void> {
    this.flush();
    return Promise.resolve();
  }
}
