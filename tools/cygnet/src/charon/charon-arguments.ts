import { parseArgs } from "node:util";
import { GROUP_KEYS, LEVEL_DEFAULT, LevelTable, parseGroup } from "@cygnet/runtime";
import { DEFAULT_PID_DIR } from "../pid-dir.js";
import { UsageError } from "@cygnet/command";

/** What the command line of `cygnet charon` says. */
export interface CharonArguments {
  /** strongswan.conf; unset: `STRONGSWAN_CONF` of the environment, else `/etc/strongswan.conf`. */
  readonly conf: string | undefined;
  /** Folder of pid file and control sockets. */
  readonly pidDir: string;
  /** The section of strongswan.conf that is read, with its fallbacks. */
  readonly namespace: string;
  /** Nothing goes to the standard output where no logger is configured. */
  readonly useSyslog: boolean;
  /** Levels of the loggers that are used where none is configured; unset without any `--debug-GROUP`. */
  readonly levels: LevelTable | undefined;
  readonly wants: "run" | "help" | "version";
}

export const CHARON_USAGE = `Usage: cygnet charon [OPTIONS]

  --conf FILE         read FILE; otherwise $STRONGSWAN_CONF or /etc/strongswan.conf
  --piddir DIR        folder of pid file and control sockets, ${DEFAULT_PID_DIR} by default
  --namespace NAME    the daemon's section in strongswan.conf, charon by default
  --use-syslog        without configured loggers: log to syslog only
  --debug-GROUP N     without configured loggers: level -1 to 4 of a log group
                      (${GROUP_KEYS.slice(0, 10).join(" ")}
                      ${GROUP_KEYS.slice(10).join(" ")})
  --help  --version

Runs in the foreground. SIGHUP reads the settings again; SIGINT and SIGTERM end
the daemon, a second one ends it at once.
Exit codes: 0 ended by a signal, 2 command line or strongswan.conf unusable,
66 the start failed.
`;

/**
 * Reads the arguments of `cygnet charon`.
 * @throws {UsageError} for an unknown option, a missing argument, a level that is none
 */
export function parseCharonArguments(argv: readonly string[]): CharonArguments {
  const { values } = parse(argv.flatMap(joinLevels));
  return {
    conf: values.conf,
    pidDir: values.piddir,
    namespace: values.namespace,
    useSyslog: values["use-syslog"],
    levels: levelsOf(values),
    wants: values.help ? "help" : values.version ? "version" : "run",
  };
}

function parse(args: string[]) {
  const debug = Object.fromEntries(GROUP_KEYS.map((key) => [`debug-${key}`, { type: "string" as const }]));
  try {
    return parseArgs({
      args,
      options: {
        ...debug,
        conf: { type: "string" },
        piddir: { type: "string", default: DEFAULT_PID_DIR },
        namespace: { type: "string", default: "charon" },
        "use-syslog": { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
        version: { type: "boolean", short: "v", default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

/** `--debug-ike -1`: a level may begin with a dash, which `parseArgs` takes for an option. */
function joinLevels(word: string, at: number, words: readonly string[]): string[] {
  const isLevelOption = (text: string | undefined): boolean => text !== undefined && /^--debug-[a-z]+$/.test(text);
  const isLevel = (text: string | undefined): boolean => text !== undefined && /^-\d+$/.test(text);
  if (isLevel(word) && isLevelOption(words[at - 1])) return [];
  return isLevelOption(word) && isLevel(words[at + 1]) ? [`${word}=${words[at + 1]}`] : [word];
}

function levelsOf(values: Readonly<Record<string, string | boolean | undefined>>): LevelTable | undefined {
  let levels: LevelTable | undefined;
  for (const [option, value] of Object.entries(values)) {
    if (!option.startsWith("debug-") || typeof value !== "string") continue;
    const group = parseGroup(option.slice("debug-".length));
    if (!/^(-1|[0-4])$/.test(value) || group === undefined)
      throw new UsageError(`--${option}: '${value}' is not a level from -1 to 4`);
    levels ??= new LevelTable(LEVEL_DEFAULT);
    levels.set(group, Number(value));
  }
  return levels;
}
