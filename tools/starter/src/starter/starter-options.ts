/**
 * Command line of starter.
 */

/** What the command line asks for. */
export interface StarterOptions {
  /** Stay in the foreground; the daemon then logs to the console instead of syslog. */
  readonly nofork: boolean;
  /** Seconds between looks at the configuration files; 0: never. */
  readonly autoUpdateSec: number;
  /** How much starter tells: 0 only errors and the start, 1 as usual, 2 also what it loads. -1: nothing (--nolog). */
  readonly logLevel: -1 | 0 | 1 | 2 | 3 | 4;
  /** Run the daemon under a debugger. */
  readonly attachGdb: boolean;
  /** Name of the daemon, which names its pid file as well. */
  readonly daemon: string;
  /** Unset: the configured or built-in path. */
  readonly conf: string | undefined;
  /** Only check the configuration. */
  readonly conftest: boolean;
  readonly help: boolean;
}

/** The usage text. */
export const STARTER_USAGE = `Usage: starter [--nofork] [--auto-update <sec>]
               [--debug|--debug-more|--debug-all|--nolog]
               [--attach-gdb] [--daemon <name>]
               [--conf <path to ipsec.conf>] [--conftest]
`;

/** Wrong use of starter; print {@link STARTER_USAGE}. Code CYG_STARTER_USAGE. */
export class StarterUsageError extends Error {
  readonly code = "CYG_STARTER_USAGE";
  constructor(message: string) {
    super(message);
    this.name = "StarterUsageError";
  }
}

/**
 * Reads starter's arguments.
 *
 * @throws {StarterUsageError} for an unknown option, a missing argument, or an interval that is no positive number
 */
export function parseStarterOptions(argv: readonly string[]): StarterOptions {
  const options: { -readonly [K in keyof StarterOptions]: StarterOptions[K] } = {
    nofork: false,
    autoUpdateSec: 0,
    logLevel: 1,
    attachGdb: false,
    daemon: "charon",
    conf: undefined,
    conftest: false,
    help: false,
  };
  const rest = argv.flatMap((word) => (/^--[a-z-]+=/.test(word) ? splitOnce(word) : [word]));
  while (rest.length > 0) {
    const word = rest.shift() ?? "";
    switch (word) {
      case "--nofork":
        options.nofork = true;
        break;
      case "--auto-update":
        options.autoUpdateSec = interval(argument(rest, word));
        break;
      case "--debug":
        options.logLevel = 2;
        break;
      case "--debug-more":
        options.logLevel = 3;
        break;
      case "--debug-all":
        options.logLevel = 4;
        break;
      case "--nolog":
        options.logLevel = -1;
        break;
      case "--attach-gdb":
        options.attachGdb = true;
        break;
      case "--daemon":
        options.daemon = argument(rest, word);
        if (!/^[\w.-]+$/.test(options.daemon)) throw new StarterUsageError(`bad daemon name '${options.daemon}'`);
        break;
      case "--conf":
        options.conf = argument(rest, word);
        break;
      case "--conftest":
        options.conftest = true;
        break;
      case "--help":
      case "-h":
        options.help = true;
        break;
      default:
        throw new StarterUsageError(`unknown option '${word}'`);
    }
  }
  return options;
}

function splitOnce(word: string): string[] {
  const at = word.indexOf("=");
  return [word.slice(0, at), word.slice(at + 1)];
}

function argument(rest: string[], option: string): string {
  const value = rest.shift();
  if (value === undefined) throw new StarterUsageError(`${option} needs an argument`);
  return value;
}

function interval(text: string): number {
  const seconds = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (seconds === 0) throw new StarterUsageError(`bad interval '${text}'`);
  return seconds;
}
