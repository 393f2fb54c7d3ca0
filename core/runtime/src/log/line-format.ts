import { LOG_GROUPS, LogGroup } from "@cygnet/plugin-api";
import type { LogRecord } from "@cygnet/plugin-api";
import { strftime } from "./strftime.js";

/** Job slots above are rare: `charon.threads` is 16 unless set. */
const MAX_CACHED_THREADS = 256;

/** Digits behind the seconds of a time stamp. */
export type TimePrecision = "none" | "ms" | "us";

/** What stands in front of a message. */
export interface LineOptions {
  /** For strftime; without one there is no time. */
  readonly timeFormat?: string;
  readonly timePrecision?: TimePrecision;
  /** The level behind the group. */
  readonly logLevel?: boolean;
  /** `<name|id>` of the IKE_SA. */
  readonly ikeName?: boolean;
  /** One JSON object per message in place of lines. */
  readonly json?: boolean;
}

/** Makes lines of log records, in strongSwan's format: `[TIME ]TT[GRP] [<name|id> ]message`, each line of a message for itself. */
export class LineFormat {
  readonly #options: LineOptions;
  // A busy daemon logs many lines a second, so the formatted second is kept, and the prefixes that were made in it by thread and group.
  #second = -1;
  #secondText = "";
  readonly #prefixes: (string | undefined)[] = [];

  constructor(options: LineOptions = {}) {
    this.#options = options;
  }

  get precise(): boolean {
    return this.#options.timePrecision === "us" && this.#options.timeFormat !== undefined;
  }

  /** The lines of a record, each with its line feed. */
  format(record: LogRecord): string {
    if (this.#options.json) return `${this.#json(record)}\n`;
    return formatLines(record.message, this.prefix(record));
  }

  /** Whether a record becomes a JSON object, not lines with a prefix. */
  get isJson(): boolean {
    return this.#options.json === true;
  }

  /** `[TIME ]TT[GRP] <name|id> `. */
  prefix(record: LogRecord): string {
    const { ikeName, logLevel, timePrecision = "none" } = this.#options;
    const time = this.#time(record.timeMs);
    // What else a prefix may tell is seldom the same twice.
    const isCommon = !ikeName && !logLevel && timePrecision === "none" && record.thread < MAX_CACHED_THREADS;
    if (!isCommon) return this.#prefix(record, time);
    const key = record.thread * LOG_GROUPS + record.group;
    return (this.#prefixes[key] ??= this.#prefix(record, time));
  }

  #prefix(record: LogRecord, time: string): string {
    const thread = record.thread < 10 ? `0${record.thread}` : String(record.thread);
    const level = this.#options.logLevel ? String(record.level) : "";
    const rest = `${thread}[${LogGroup[record.group]}${level}]${this.#ikeSa(record)} `;
    return time === "" ? rest : `${time} ${rest}`;
  }

  #ikeSa(record: LogRecord): string {
    if (!this.#options.ikeName || record.ikeSaId === 0) return "";
    return record.ikeSaName === "" ? ` <${record.ikeSaId}>` : ` <${record.ikeSaName}|${record.ikeSaId}>`;
  }

  #json(record: LogRecord): string {
    const time = this.#time(record.timeMs);
    return JSON.stringify({
      ...(time === "" ? {} : { time }),
      thread: record.thread,
      group: LogGroup[record.group],
      level: record.level,
      ...(record.ikeSaId === 0 ? {} : { "ikesa-uniqueid": record.ikeSaId }),
      ...(record.ikeSaName === "" ? {} : { "ikesa-name": record.ikeSaName }),
      msg: record.message,
    });
  }

  #time(timeMs: number): string {
    const { timeFormat, timePrecision } = this.#options;
    if (timeFormat === undefined) return "";
    const second = Math.floor(timeMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#secondText = strftime(timeFormat, new Date(second * 1000));
      this.#prefixes.length = 0;
    }
    const rest = timeMs - second * 1000;
    if (timePrecision === "ms") return `${this.#secondText}.${String(Math.floor(rest)).padStart(3, "0")}`;
    if (timePrecision === "us") return `${this.#secondText}.${String(Math.floor(rest * 1000)).padStart(6, "0")}`;
    return this.#secondText;
  }
}

/**
 * Repeats a prefix on each line of a message and ends each with a line feed. Other control characters are escaped, so that a peer's
 * identity or vendor id can neither forge a log line nor steer a terminal.
 */
export function formatLines(message: string, prefix: string): string {
  const clean = message.replace(ALL_CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`);
  if (!clean.includes("\n")) return `${prefix}${clean}\n`;
  let text = "";
  for (const line of clean.split("\n")) text += `${prefix}${line}\n`;
  return text;
}

// eslint-disable-next-line no-control-regex
const ALL_CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
