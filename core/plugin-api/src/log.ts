import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/**
 * strongSwan's log groups. The lower-case name is the configuration key (`charon.filelog.NAME.ike = 2`), the upper-case one the tag
 * in log lines.
 */
export enum LogGroup {
  DMN,
  MGR,
  IKE,
  CHD,
  JOB,
  WCH,
  CFG,
  KNL,
  NET,
  ASN,
  ENC,
  TNC,
  IMC,
  IMV,
  PTS,
  TLS,
  APP,
  ESP,
  LIB,
}

/** How many log groups there are. */
export const LOG_GROUPS = 19;

/**
 * The way to the log. Levels: 0 audit, 1 control flow (default), 2 detailed control flow, 3 raw dumps, 4 secrets too.
 *
 * A message that costs anything to build is built only behind `enabled`. Lines of a multi-line message are separated by `\n`.
 */
export interface Logger {
  /** Whether any sink or observer wants this group at this level. */
  enabled(group: LogGroup, level: number): boolean;
  log(group: LogGroup, level: number, message: string): void;
}

/** One message on its way to the sinks. Reused by the caller: copy what must outlive the call. */
export interface LogRecord {
  readonly group: LogGroup;
  readonly level: number;
  readonly message: string;
  /** Number of the job slot that was running, 0 for none: the `TT` of strongSwan's lines. */
  readonly thread: number;
  /** Unique id of the IKE_SA being worked on, 0 for none. */
  readonly ikeSaId: number;
  /** Configuration name of that IKE_SA, empty when not known yet. */
  readonly ikeSaName: string;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
}

/** Where log records go: a file, syslog, a control connection. */
export interface LogSink {
  /** The highest level this sink wants for a group; -1 for none. */
  level(group: LogGroup): number;
  write(record: LogRecord): void;
  /** Pushes buffered lines out; called at the end of a busy turn and before shutdown. */
  flush?(): void;
  close?(): void;
}

/** Where plugins on control add sinks of their own, which get the log of all threads. */
export interface LogSinks {
  /** The sink stays over reloads of strongswan.conf. @returns the undo, which does not close it */
  add(sink: LogSink): () => void;
}

export const LogSinks: ServiceToken<LogSinks> = serviceToken("LogSinks");
export const Logger: ServiceToken<Logger> = serviceToken("Logger");
