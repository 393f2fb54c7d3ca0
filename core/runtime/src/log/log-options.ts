import { flag, int, text, word } from "@cygnet/plugin-api";
import type { Option, OptionTable, OptionValues } from "@cygnet/plugin-api";
import { GROUP_KEYS, LEVEL_DEFAULT, LEVEL_PRIVATE, LEVEL_SILENT, LevelTable } from "./log-levels.js";

const LEVELS = { min: LEVEL_SILENT, max: LEVEL_PRIVATE, capped: true, reloadable: true } as const;

const defaultLevel = int(
  LEVEL_DEFAULT,
  "Level of the groups that are not listed: -1 silent, 0 audit, 1 to 4 more and more.",
  LEVELS,
);

/** Levels of single groups; `default` applies to those not set. */
const GROUP_OPTIONS: Readonly<Record<string, Option<number | undefined>>> = Object.fromEntries(
  GROUP_KEYS.map((key) => [
    key,
    { type: "int", default: undefined, description: `Level of the group ${key}; \`default\` if not set.`, ...LEVELS } as const,
  ]),
);

/** Options of `charon.filelog.NAME`. */
export const FILELOG_OPTIONS = {
  path: text(undefined, "The log file; if not set, the section's name, where stdout and stderr are special.", {
    reloadable: true,
  }),
  append: flag(true, "Append to the file; otherwise it is emptied at start and reload.", { reloadable: true }),
  default: defaultLevel,
  flush_line: flag(false, "Write every line at once in place of once per turn of work.", { reloadable: true }),
  ike_name: flag(false, "Prefix messages with name and unique id of the IKE_SA.", { reloadable: true }),
  json: flag(false, "One JSON object per message.", { reloadable: true }),
  log_level: flag(false, "Add the level of the message to the group.", { reloadable: true }),
  time_add_ms: flag(false, "Milliseconds behind the time, the older form of time_precision = ms.", { reloadable: true }),
  time_format: text(undefined, "Time in front of each line, in the notation of strftime.", { reloadable: true }),
  time_precision: {
    ...word(["none", "ms", "us"] as const, "none", "Digits behind the time: milliseconds or microseconds."),
    reloadable: true,
  },
} satisfies OptionTable;

/** Options of `charon.syslog.FACILITY`. */
export const SYSLOG_OPTIONS = {
  default: defaultLevel,
  ike_name: flag(false, "Prefix messages with name and unique id of the IKE_SA.", { reloadable: true }),
  log_level: flag(false, "Add the level of the message to the group.", { reloadable: true }),
  map_level: int(-1, "Severity of a message of level 0, which that of others adds to; -1 sends all as LOG_INFO.", {
    min: -1,
    max: 7,
    reloadable: true,
  }),
} satisfies OptionTable;

/** Options of `charon.syslog`. */
export const SYSLOG_IDENTIFIER_OPTIONS = {
  identifier: text(undefined, "Name in front of each line in the system log; the daemon's if not set.", { reloadable: true }),
} satisfies OptionTable;

/** The per-group levels of both, for the documentation and for reading. */
export const LOG_GROUP_OPTIONS: OptionTable = GROUP_OPTIONS;

export type FilelogValues = OptionValues<typeof FILELOG_OPTIONS>;
export type SyslogValues = OptionValues<typeof SYSLOG_OPTIONS>;

/** Levels out of the values of `default` and of the group options. */
export function levelsOf(fallback: number, groups: Readonly<Record<string, unknown>>): LevelTable {
  const levels = new LevelTable(fallback);
  for (const [group, key] of GROUP_KEYS.entries()) {
    const level = groups[key];
    if (typeof level === "number") levels.set(group, level);
  }
  return levels;
}
