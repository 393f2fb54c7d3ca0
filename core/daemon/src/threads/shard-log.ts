import { LevelTable, LineSink, closeSinks } from "@cygnet/runtime";
import type { LogDemand, LogFile, LogManager, LogTrouble, TimerSource } from "@cygnet/runtime";
import { SystemError } from "@cygnet/plugin-api";
import type { RecordBatch } from "./record-batch.js";
import { RelaySink } from "./relay-sink.js";

/** Where the log of a shard's thread goes. */
export interface ShardLogParts {
  readonly log: LogManager;
  readonly timers: TimerSource;
  readonly demand: LogDemand;
  /** Takes what control has to write. */
  readonly relay: (records: RecordBatch) => void;
  readonly trouble: (trouble: LogTrouble) => void;
}

/**
 * The log of a shard on its own thread: log files are written here, so that logging costs no thread that all shards wait for; control is handed
 * what goes elsewhere.
 */
export class ShardLog {
  readonly #parts: ShardLogParts;
  readonly #relay: RelaySink;
  #files: readonly { readonly file: LogFile; readonly sink: LineSink }[] = [];
  /** `LogDemand.opened` of the files. */
  #opened: number | undefined;

  constructor(parts: ShardLogParts) {
    this.#parts = parts;
    this.#relay = new RelaySink(parts.demand, parts.relay);
    void this.adjust(parts.demand);
  }

  /** Takes levels and files as control's loggers are now. Settles when what was for files of before is written. */
  async adjust(demand: LogDemand): Promise<void> {
    const { log } = this.#parts;
    this.#relay.setDemand(demand);
    if (demand.opened !== this.#opened) {
      this.#opened = demand.opened;
      const old = this.#files;
      this.#files = demand.files.flatMap(({ file, levels }) => this.#open(file, levels));
      log.replaceSinks([this.#relay, ...this.#files.map(({ sink }) => sink)]);
      return closeSinks(old.map(({ sink }) => sink));
    }
    for (const { file, levels } of demand.files) {
      const sink = this.#files.find((each) => each.file.path === file.path)?.sink;
      if (sink) levels.forEach((level, group) => sink.setLevel(group, level));
    }
    log.refreshLevels();
  }

  /** Control has reported, and the log goes on without it, if a file cannot be opened. */
  #open(file: LogFile, levels: readonly number[]): { readonly file: LogFile; readonly sink: LineSink }[] {
    const { timers, trouble } = this.#parts;
    const table = new LevelTable();
    levels.forEach((level, group) => table.set(group, level));
    const { path, flushLine, format } = file;
    try {
      return [{ file, sink: LineSink.file(path, true, { ...format, flushLine, levels: table, timers, onTrouble: trouble }) }];
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      trouble({ target: path, error: error.errno, lost: 0 });
      return [];
    }
  }
}
