import { LOG_GROUPS, LogGroup } from "@cygnet/plugin-api";
import type { LogRecord, LogSink, Logger } from "@cygnet/plugin-api";
import type { PreciseClock } from "../clock.js";
import type { LineOptions } from "./line-format.js";
import { LEVEL_SILENT } from "./log-levels.js";

/** A log file that all threads of a daemon append to, each by itself. Plain data. */
export interface LogFile {
  readonly path: string;
  readonly flushLine: boolean;
  readonly format: LineOptions;
}

/** A sink whose levels can be changed while it runs (`stroke loglevel`), and that may have work left when it is closed. */
export interface AdjustableSink extends LogSink {
  /** @param group undefined for all */
  setLevel?(group: LogGroup | undefined, level: number): void;
  /** Wants `LogRecord.timeMs` with microseconds. */
  readonly precise?: boolean;
  /** What other threads need to write to the same by themselves; without it they hand their records over. */
  readonly file?: LogFile | undefined;
  /** Writes out what is buffered without waiting for the event loop: for the last moments of a process. */
  flushSync?(): void;
  /** Like `close`, and settles when everything is written. */
  end?(): Promise<void>;
}

/** What the sinks of a thread's log take of other threads. Plain data. */
export interface LogDemand {
  /** The highest level, by group, of the sinks that records are handed over to. */
  readonly levels: readonly number[];
  /** Whether one of them wants times with microseconds. */
  readonly precise: boolean;
  /** Files for each thread to write to, with their levels by group. */
  readonly files: readonly { readonly file: LogFile; readonly levels: readonly number[] }[];
  /** Another number says that the files are to be opened anew. */
  readonly opened: number;
}

/** Watches the log of one IKE_SA. The record is reused, see `LogRecord`. */
export type LogObserver = (record: LogRecord) => void;

interface Observation {
  readonly level: number;
  readonly observer: LogObserver;
}

interface MutableRecord {
  group: LogGroup;
  level: number;
  message: string;
  thread: number;
  ikeSaId: number;
  ikeSaName: string;
  timeMs: number;
}

/**
 * The log of a thread: hands messages to sinks, and to observers of single IKE_SAs.
 *
 * `enabled` is one lookup of the highest level that anybody wants per group. It knows which job and which IKE_SA is at work, so that
 * callers need not say. A sink that throws is left out of that message, and the first time reported by the others.
 */
export class LogManager implements Logger {
  readonly #clock: PreciseClock;
  readonly #maxLevels = new Int8Array(LOG_GROUPS).fill(LEVEL_SILENT);
  readonly #observers = new Map<number, readonly Observation[]>();
  readonly #record: MutableRecord = newRecord();
  readonly #broken = new WeakSet<LogSink>();
  readonly #firstThread: number;
  #sinks: readonly AdjustableSink[] = [];
  /** Those of `#sinks` that are nobody's to replace. */
  #attached: readonly AdjustableSink[] = [];
  /** Those that other threads' records go to. */
  #relayedTo: readonly AdjustableSink[] = [];
  /** How often the sinks were replaced. */
  #opened = 0;
  #onDemand: () => void = () => undefined;
  #precise = false;
  #busy = false;
  #thread = 0;
  #ikeSaId = 0;
  #ikeSaName = "";

  /** @param firstThread number of the thread's first job slot, less 1: slots are numbered throughout a daemon */
  constructor(clock: PreciseClock, firstThread = 0) {
    this.#clock = clock;
    this.#firstThread = firstThread;
  }

  enabled(group: LogGroup, level: number): boolean {
    return level <= this.#maxLevels[group];
  }

  log(group: LogGroup, level: number, message: string): void {
    if (level > this.#maxLevels[group]) return;
    // A sink that logs itself must not overwrite the record it is being given.
    const record = this.#busy ? newRecord() : this.#record;
    record.group = group;
    record.level = level;
    record.message = message;
    record.thread = this.#thread === 0 ? 0 : this.#thread + this.#firstThread;
    record.ikeSaId = this.#ikeSaId;
    record.ikeSaName = this.#ikeSaName;
    record.timeMs = this.#precise ? this.#clock.preciseWallMs() : this.#clock.wallMs;
    const outer = !this.#busy;
    this.#busy = true;
    this.#write(record, this.#sinks);
    if (this.#observers.size > 0) this.#observe(record);
    if (outer) this.#busy = false;
  }

  /** Hands a record of another thread to the sinks that it does not write to itself. */
  relay(record: LogRecord): void {
    const outer = !this.#busy;
    this.#busy = true;
    this.#write(record, this.#relayedTo);
    if (outer) this.#busy = false;
  }

  /** From now on a job runs in this slot. */
  enterJob(slot: number): void {
    this.#thread = slot;
  }

  leaveJob(): void {
    this.#thread = 0;
    this.#ikeSaId = 0;
    this.#ikeSaName = "";
  }

  /** The job slot at work, 0 for none. What continues a job after a wait may `enterJob` it again. */
  get thread(): number {
    return this.#thread;
  }

  /** From now on messages are about this IKE_SA, until `clearContext` or the end of the job. @param name empty while unknown */
  setContext(ikeSaId: number, name: string): void {
    this.#ikeSaId = ikeSaId;
    this.#ikeSaName = name;
  }

  clearContext(): void {
    this.#ikeSaId = 0;
    this.#ikeSaName = "";
  }

  /** @returns the undo, which does not close the sink */
  addSink(sink: AdjustableSink): () => void {
    this.#useSinks([...this.#sinks, sink]);
    return () => this.#useSinks(this.#sinks.filter((other) => other !== sink));
  }

  /** As `addSink`, for a sink that stays when others are replaced. */
  attach(sink: AdjustableSink): () => void {
    this.#attached = [...this.#attached, sink];
    const remove = this.addSink(sink);
    return () => {
      this.#attached = this.#attached.filter((other) => other !== sink);
      remove();
    };
  }

  /** Puts new sinks in place of all old ones but those attached. @returns the old ones, for the caller to close */
  replaceSinks(sinks: readonly AdjustableSink[]): readonly AdjustableSink[] {
    const old = this.#sinks.filter((sink) => !this.#attached.includes(sink));
    this.#opened++;
    this.#useSinks([...sinks, ...this.#attached]);
    return old;
  }

  #useSinks(sinks: readonly AdjustableSink[]): void {
    this.#sinks = sinks;
    this.#relayedTo = sinks.filter(({ file }) => file === undefined);
    this.refreshLevels();
    this.#onDemand();
  }

  get sinks(): readonly AdjustableSink[] {
    return this.#sinks;
  }

  /** Sets the level of a group (undefined: of all) on every sink that can change it. */
  setLevel(group: LogGroup | undefined, level: number): void {
    for (const sink of this.#sinks) sink.setLevel?.(group, level);
    this.refreshLevels();
    this.#onDemand();
  }

  /**
   * Calls `observer` with every message about one IKE_SA up to `level`, whatever the sinks' levels are.
   * @returns the undo
   */
  observe(ikeSaId: number, level: number, observer: LogObserver): () => void {
    const own: Observation = { level, observer };
    this.#observers.set(ikeSaId, [...(this.#observers.get(ikeSaId) ?? []), own]);
    this.refreshLevels();
    return () => {
      const rest = (this.#observers.get(ikeSaId) ?? []).filter((other) => other !== own);
      if (rest.length > 0) this.#observers.set(ikeSaId, rest);
      else this.#observers.delete(ikeSaId);
      this.refreshLevels();
    };
  }

  /** What other threads of the daemon are to do with their records. */
  demand(): LogDemand {
    return {
      levels: maxLevels(this.#relayedTo),
      precise: this.#relayedTo.some((sink) => sink.precise === true),
      files: this.#sinks.flatMap((sink) => (sink.file ? [{ file: sink.file, levels: maxLevels([sink]) }] : [])),
      opened: this.#opened,
    };
  }

  /** @param listener called from now on when `demand` has changed */
  onDemand(listener: () => void): void {
    this.#onDemand = listener;
  }

  /** Takes up levels that sinks changed by themselves. */
  refreshLevels(): void {
    let observed = LEVEL_SILENT;
    for (const list of this.#observers.values()) for (const { level } of list) observed = Math.max(observed, level);
    for (let group = 0; group < LOG_GROUPS; group++) {
      let max = observed;
      for (const sink of this.#sinks) max = Math.max(max, sink.level(group));
      this.#maxLevels[group] = max;
    }
    this.#precise = this.#sinks.some((sink) => sink.precise === true);
  }

  /** Pushes buffered lines out without waiting for them to arrive; for the end of a turn. */
  flush(): void {
    for (const sink of this.#sinks) sink.flush?.();
  }

  /** Writes buffered lines out before it returns, as far as the sinks can: for the `exit` event. */
  flushSync(): void {
    for (const sink of this.#sinks) (sink.flushSync ?? sink.flush)?.call(sink);
  }

  /** Removes and closes all sinks; settles when what they held is written. */
  async close(): Promise<void> {
    await closeSinks(this.replaceSinks([]));
  }

  #write(record: LogRecord, sinks: readonly AdjustableSink[]): void {
    for (const sink of sinks) {
      if (record.level > sink.level(record.group)) continue;
      try {
        sink.write(record);
      } catch (error) {
        this.#sinkFailed(sink, error);
      }
    }
  }

  #observe(record: MutableRecord): void {
    const list = this.#observers.get(record.ikeSaId);
    if (list === undefined) return;
    for (const { level, observer } of list) {
      if (record.level > level) continue;
      try {
        observer(record);
      } catch (error) {
        this.#report(`observer of IKE_SA ${record.ikeSaId} failed: ${String(error)}`);
      }
    }
  }

  #sinkFailed(sink: AdjustableSink, error: unknown): void {
    if (this.#broken.has(sink)) return;
    this.#broken.add(sink);
    this.#report(`a log sink failed: ${String(error)}`);
  }

  /** An observer's or sink's fault, told outside of the message at hand so that it cannot go around in circles. */
  #report(message: string): void {
    queueMicrotask(() => this.log(LogGroup.LIB, 1, message));
  }
}

/** By group. */
function maxLevels(sinks: readonly AdjustableSink[]): number[] {
  return Array.from({ length: LOG_GROUPS }, (_, group) => Math.max(LEVEL_SILENT, ...sinks.map((sink) => sink.level(group))));
}

/** Closes sinks and settles when what they held is written. */
export async function closeSinks(sinks: readonly AdjustableSink[]): Promise<void> {
  const ends = sinks.map((sink) => {
    if (sink.end) return sink.end();
    sink.flush?.();
    sink.close?.();
    return undefined;
  });
  await Promise.all(ends);
}

function newRecord(): MutableRecord {
  return { group: LogGroup.DMN, level: 0, message: "", thread: 0, ikeSaId: 0, ikeSaName: "", timeMs: 0 };
}
