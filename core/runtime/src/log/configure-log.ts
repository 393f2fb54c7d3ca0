import { LogGroup, SystemError } from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import { readOptions } from "../options/read-options.js";
import type { OptionWarning } from "../options/read-options.js";
import type { StreamOwner } from "../streams/stream-owner.js";
import type { TimerSource } from "../timer-source.js";
import type { TimePrecision } from "./line-format.js";
import { LineSink } from "./line-sink.js";
import type { LineSinkOptions } from "./line-sink.js";
import { LEVEL_DEFAULT, LevelTable } from "./log-levels.js";
import { closeSinks } from "./log-manager.js";
import type { AdjustableSink, LogManager } from "./log-manager.js";
import { LogTroubles } from "./log-troubles.js";
import type { LogTrouble } from "./log-troubles.js";
import { FILELOG_OPTIONS, LOG_GROUP_OPTIONS, SYSLOG_IDENTIFIER_OPTIONS, SYSLOG_OPTIONS, levelsOf } from "./log-options.js";
import type { FilelogValues } from "./log-options.js";
import { SYSLOG_FACILITIES, SyslogSink } from "./syslog-sink.js";
import type { SyslogFacility } from "./syslog-sink.js";
import type { SyslogTransport } from "./syslog-transport.js";

/** Where a daemon logs to. */
export interface LogSetup {
  readonly log: LogManager;
  /** The daemon's section (`charon`). */
  readonly charon: SettingsView;
  readonly timers: TimerSource;
  /** The way to the system log under a name; called only if something is logged there. */
  readonly syslog: (identifier: string) => SyslogTransport;
  /** The name to use without `charon.syslog.identifier`. Default `charon`. */
  readonly identifier?: string;
  /** `--debug-GROUP`: levels of the loggers that are used where none is configured. */
  readonly commandLine?: LevelTable;
  /** `--use-syslog`: nothing goes to the standard output. */
  readonly useSyslog?: boolean;
  /** Whom log files are given to. */
  readonly owner?: StreamOwner;
  readonly troubles: LogTroubles;
}

/** The thread that all loggers are set up on. */
const CONTROL = -1;

/** What `auth` gets where no logger is configured: audit messages only. */
const LEVEL_AUDIT = 0;

/**
 * Sets up the loggers of `charon.filelog` and `charon.syslog`, or strongSwan's defaults where there are none: the system log (facilities
 * daemon, and auth for audit messages) and, unless `useSyslog`, the standard output. Call it again after a reload: files are reopened,
 * the old loggers are closed when the new ones stand.
 *
 * A file that cannot be opened is reported to the other loggers; the rest works.
 *
 * @returns settles when the old loggers have written everything
 * @throws {OptionError} CYG_OPTION_VALUE, at once; the old loggers then stay
 */
export function configureLog(setup: LogSetup): Promise<void> {
  const problems: string[] = [];
  const warn = (message: string): void => void problems.push(message);
  // Everything is read before anything is opened, so that a mistake changes nothing.
  const plans = [...planFiles(setup, warn), ...planSyslog(setup, warn)];
  if (plans.length === 0) plans.push(...planDefaults(setup));
  const sinks: AdjustableSink[] = [];
  for (const plan of plans) {
    try {
      sinks.push(plan());
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      warn(error.message);
    }
  }
  setup.troubles.clear();
  const old = setup.log.replaceSinks(sinks);
  for (const problem of problems) setup.log.log(LogGroup.DMN, 1, problem);
  return closeSinks(old);
}

type Plan = () => AdjustableSink;

function planFiles(setup: LogSetup, warn: OptionWarning): Plan[] {
  const { charon, timers, owner } = setup;
  const plans: Plan[] = [];
  const onTrouble = troubleOf(setup);
  for (const name of charon.sections("filelog")) {
    const section = charon.section(["filelog", name]);
    const values = readOptions(FILELOG_OPTIONS, section, warn);
    const options: LineSinkOptions = {
      levels: levelsOf(values.default, readOptions(LOG_GROUP_OPTIONS, section, warn)),
      timers,
      onTrouble,
      owner,
      flushLine: values.flush_line,
      ikeName: values.ike_name,
      json: values.json,
      logLevel: values.log_level,
      timeFormat: values.time_format,
      timePrecision: precision(values),
    };
    const path = values.path ?? name;
    if (path === "") warn(`charon.filelog.${name}: the path is empty, logger ignored`);
    else if (path === "stdout") plans.push(() => LineSink.stdout(options));
    else if (path === "stderr") plans.push(() => LineSink.stderr(options));
    else plans.push(() => LineSink.file(path, values.append, options));
  }
  return plans;
}

/** Trouble with loggers goes to the log itself, and to the error output where the only logger there is can take no note of it. */
export function logTroubles(log: LogManager): LogTroubles {
  return new LogTroubles((message) => {
    log.log(LogGroup.DMN, 1, message);
    if (log.sinks.length <= 1) process.stderr.write(`${message}\n`);
  });
}

function troubleOf({ troubles }: LogSetup): (trouble: LogTrouble) => void {
  return (trouble) => troubles.report(CONTROL, trouble);
}

function precision(values: FilelogValues): TimePrecision {
  return values.time_precision === "none" && values.time_add_ms ? "ms" : values.time_precision;
}

function planSyslog(setup: LogSetup, warn: OptionWarning): Plan[] {
  const { charon } = setup;
  const plans: Plan[] = [];
  const transport = sharedTransport(setup);
  for (const facility of charon.sections("syslog")) {
    const section = charon.section(["syslog", facility]);
    if (!isFacility(facility)) {
      warn(`charon.syslog.${facility}: the facility is neither daemon nor auth, logger ignored`);
      continue;
    }
    const values = readOptions(SYSLOG_OPTIONS, section, warn);
    const levels = levelsOf(values.default, readOptions(LOG_GROUP_OPTIONS, section, warn));
    const { ike_name: ikeName, log_level: logLevel, map_level: mapLevel } = values;
    plans.push(() => new SyslogSink({ facility, levels, transport: transport(), ikeName, logLevel, mapLevel }));
  }
  return plans;
}

function planDefaults(setup: LogSetup): Plan[] {
  const { timers, useSyslog = false, commandLine = new LevelTable(LEVEL_DEFAULT) } = setup;
  const transport = sharedTransport(setup);
  const audit = new LevelTable(LEVEL_AUDIT);
  const plans: Plan[] = [
    () => new SyslogSink({ facility: "daemon", levels: commandLine.clone(), transport: transport() }),
    () => new SyslogSink({ facility: "auth", levels: audit, transport: transport() }),
  ];
  if (!useSyslog) plans.push(() => LineSink.stdout({ levels: commandLine.clone(), timers, onTrouble: troubleOf(setup) }));
  return plans;
}

function sharedTransport({ charon, syslog, identifier = "charon" }: LogSetup): () => SyslogTransport {
  const { identifier: configured } = readOptions(SYSLOG_IDENTIFIER_OPTIONS, charon.section("syslog"));
  let transport: SyslogTransport | undefined;
  return () => (transport ??= syslog(configured ?? identifier));
}

function isFacility(name: string): name is SyslogFacility {
  return Object.hasOwn(SYSLOG_FACILITIES, name);
}
