import { UsageError } from "@cygnet/command";
import { parseArgs } from "node:util";

/** What stands behind `cygnet plugins`. */
export interface PluginsArguments {
  /** `list` where none is named. */
  readonly command: string;
  readonly names: readonly string[];
  /** strongswan.conf; unset: `STRONGSWAN_CONF` of the environment, else `/etc/strongswan.conf`. */
  readonly conf: string | undefined;
  readonly namespace: string;
  readonly pidDir: string;
  /** Where to ask; unset: what strongswan.conf says, else in `pidDir`. */
  readonly socket: string | undefined;
  /** Nobody is asked. */
  readonly isOffline: boolean;
  readonly json: boolean;
  /** What `enable` writes in place of yes. */
  readonly priority: number | undefined;
  readonly help: boolean;
}

/** Priorities are what strongSwan reads as an int; 0 would be no. */
const MAX_PRIORITY = 2 ** 31 - 1;

/** @throws {UsageError} */
export function parsePluginsArguments(argv: readonly string[]): PluginsArguments {
  const { values, positionals } = parse(argv);
  const [command = "list", ...names] = positionals;
  return {
    command,
    names,
    conf: values.conf,
    namespace: values.namespace,
    pidDir: values.piddir,
    socket: values.socket,
    isOffline: values.offline,
    json: values.json,
    priority: values.priority === undefined ? undefined : priorityOf(values.priority),
    help: values.help,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        conf: { type: "string" },
        namespace: { type: "string", default: "charon" },
        piddir: { type: "string", default: "/var/run" },
        socket: { type: "string" },
        offline: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        priority: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

function priorityOf(text: string): number {
  const value = /^-?\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (value !== 0 && Math.abs(value) <= MAX_PRIORITY) return value;
  throw new UsageError(`--priority: '${text}' is not a number other than 0`);
}
