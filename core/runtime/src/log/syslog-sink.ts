import type { LogGroup, LogRecord } from "@cygnet/plugin-api";
import { LineFormat, formatLines } from "./line-format.js";
import type { LevelTable } from "./log-levels.js";
import type { AdjustableSink } from "./log-manager.js";
import type { SyslogTransport } from "./syslog-transport.js";

/** Facilities that charon.syslog knows, with their numbers (RFC 5424 section 6.2.1); `auth` is LOG_AUTHPRIV there. */
export const SYSLOG_FACILITIES = { daemon: 3, auth: 10 } as const;
export type SyslogFacility = keyof typeof SYSLOG_FACILITIES;

const LOG_INFO = 6;
const LOG_DEBUG = 7;

/** How messages become syslog entries. */
export interface SyslogSinkOptions {
  readonly facility: SyslogFacility;
  readonly levels: LevelTable;
  readonly transport: SyslogTransport;
  readonly ikeName?: boolean;
  readonly logLevel?: boolean;
  /** -1 sends all as LOG_INFO; otherwise a message of level L has severity `mapLevel + L`, at most LOG_DEBUG. */
  readonly mapLevel?: number;
}

/** Writes to the system log, a multi-line message line by line. The transport may be shared; who made it ends it. */
export class SyslogSink implements AdjustableSink {
  readonly #levels: LevelTable;
  readonly #format: LineFormat;
  readonly #transport: SyslogTransport;
  readonly #facility: number;
  readonly #mapLevel: number;

  constructor(options: SyslogSinkOptions) {
    this.#levels = options.levels;
    this.#format = new LineFormat({ ikeName: options.ikeName, logLevel: options.logLevel });
    this.#transport = options.transport;
    this.#facility = SYSLOG_FACILITIES[options.facility] << 3;
    this.#mapLevel = options.mapLevel ?? -1;
  }

  level(group: LogGroup): number {
    return this.#levels.get(group);
  }

  setLevel(group: LogGroup | undefined, level: number): void {
    this.#levels.set(group, level);
  }

  write(record: LogRecord): void {
    const severity = this.#mapLevel < 0 ? LOG_INFO : Math.max(0, Math.min(LOG_DEBUG, this.#mapLevel + record.level));
    const lines = formatLines(record.message, this.#format.prefix(record));
    for (const line of lines.slice(0, -1).split("\n")) this.#transport.send(this.#facility | severity, line);
  }

  async end(): Promise<void> {
    await this.#transport.end();
  }
}
