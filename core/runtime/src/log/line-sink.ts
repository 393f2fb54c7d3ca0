import { constants, fchownSync, fstatSync, openSync } from "node:fs";
import { SystemError } from "@cygnet/plugin-api";
import type { LogGroup, LogRecord } from "@cygnet/plugin-api";
import type { StreamOwner } from "../streams/stream-owner.js";
import type { TimerSource } from "../timer-source.js";
import { LineFormat } from "./line-format.js";
import type { LineOptions } from "./line-format.js";
import { LineWriter } from "./line-writer.js";
import type { LevelTable } from "./log-levels.js";
import type { AdjustableSink, LogFile } from "./log-manager.js";
import type { LogTrouble } from "./log-troubles.js";

/** How a file, or an output of the process, is logged to. */
export interface LineSinkOptions extends LineOptions {
  readonly levels: LevelTable;
  readonly timers: TimerSource;
  /** Write with every line in place of once per turn. */
  readonly flushLine?: boolean;
  /** Whom a log file is given to, so that a daemon that gave up its privileges can open it again. Only root can. */
  readonly owner?: StreamOwner | undefined;
  /** Told of trouble with this very sink, for others to write down. */
  readonly onTrouble: (trouble: LogTrouble) => void;
}

/** Mode of a log file that does not exist yet: identities and addresses of peers are not for everyone. */
const LOG_FILE_MODE = 0o640;

/** Writes lines to a descriptor: log files, standard output and standard error. */
export class LineSink implements AdjustableSink {
  readonly #levels: LevelTable;
  readonly #format: LineFormat;
  readonly #writer: LineWriter;
  readonly precise: boolean;
  readonly file: LogFile | undefined;

  /** @param isFile one that other threads can append to, as `name` is its path */
  private constructor(name: string, fd: number, owned: boolean, options: LineSinkOptions, isFile = false) {
    const { levels, flushLine = false, timeFormat, timePrecision, logLevel, ikeName, json } = options;
    this.#levels = levels;
    if (isFile) this.file = { path: name, flushLine, format: { timeFormat, timePrecision, logLevel, ikeName, json } };
    this.#format = new LineFormat(options);
    this.precise = this.#format.precise;
    this.#writer = new LineWriter({
      fd,
      owned,
      flushLine,
      timers: options.timers,
      onTrouble: (error, lost) => options.onTrouble({ target: name, error: error && (error.code ?? error.message), lost }),
    });
  }

  /**
   * Opens a log file, for appending by several threads; `append: false` empties it first.
   * @throws {SystemError} CYG_LOG_OPEN
   */
  static file(path: string, append: boolean, options: LineSinkOptions): LineSink {
    // Without O_NONBLOCK, opening a named pipe would wait for its reader.
    const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC, O_NONBLOCK } = constants;
    try {
      const fd = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | (append ? 0 : O_TRUNC), LOG_FILE_MODE);
      if (options.owner !== undefined) giveTo(fd, options.owner);
      return new LineSink(path, fd, true, options, fstatSync(fd).isFile());
    } catch (error) {
      const errno = (error as NodeJS.ErrnoException).code ?? "EIO";
      throw new SystemError("CYG_LOG_OPEN", "open", errno, `opening file ${path} for logging failed: ${errno}`, { cause: error });
    }
  }

  static stdout(options: LineSinkOptions): LineSink {
    return LineSink.#output("stdout", 1, options);
  }

  static stderr(options: LineSinkOptions): LineSink {
    return LineSink.#output("stderr", 2, options);
  }

  static #output(name: string, fd: number, options: LineSinkOptions): LineSink {
    const own = reopen(fd);
    return new LineSink(name, own ?? fd, own !== undefined, options);
  }

  level(group: LogGroup): number {
    return this.#levels.get(group);
  }

  setLevel(group: LogGroup | undefined, level: number): void {
    this.#levels.set(group, level);
  }

  write(record: LogRecord): void {
    const format = this.#format;
    if (format.isJson) this.#writer.write(format.format(record));
    else this.#writer.writeMessage(format.prefix(record), record.message);
  }

  flush(): void {
    this.#writer.flush();
  }

  flushSync(): void {
    this.#writer.flushSync();
  }

  end(): Promise<void> {
    return this.#writer.end();
  }
}

/** Devices and pipes stay whose they are. */
function giveTo(fd: number, { uid, gid }: StreamOwner): void {
  if (process.getuid!() !== 0 || (uid === undefined && gid === undefined)) return;
  const file = fstatSync(fd);
  if (file.isFile()) fchownSync(fd, uid ?? file.uid, gid ?? file.gid);
}

/**
 * A descriptor of our own for a terminal or pipe, non-blocking without its other users noticing: writing to one that takes nothing (Ctrl-S)
 * would hold a thread of libuv's pool, and the process, which cannot end before that thread.
 * @returns undefined for what cannot be opened a second time, as sockets, and for files, which never wait
 */
function reopen(fd: number): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    const stats = fstatSync(fd);
    if (!stats.isFIFO() && !stats.isCharacterDevice()) return undefined;
    return openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
}
