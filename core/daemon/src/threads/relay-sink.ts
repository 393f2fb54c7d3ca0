import type { LogGroup, LogRecord } from "@cygnet/plugin-api";
import type { AdjustableSink, LogDemand } from "@cygnet/runtime";
import { RecordPacker } from "./record-batch.js";
import type { RecordBatch } from "./record-batch.js";

/** Gathers records of a shard on its own thread for control, which has the loggers that are no files, and whoever listens. */
export class RelaySink implements AdjustableSink {
  #demand: LogDemand;
  readonly #records = new RecordPacker();

  /** @param relay called once per turn of the event loop with what came up in it */
  constructor(
    demand: LogDemand,
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
    if (this.#records.add(record)) setImmediate(() => this.flush());
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
