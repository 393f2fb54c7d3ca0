import { parseArgs } from "node:util";
import { UsageError, integer, writable } from "@cygnet/command";

/** Another implementation that is measured as well. */
export type PeerName = "strongswan";

/** What the command line of `cygnet bench` says. */
export interface BenchArguments {
  readonly list: boolean;
  /** Names to measure, with `*` for any text; all without any. */
  readonly only: readonly string[];
  /** IKE_SAs of a run. */
  readonly sessions: number;
  readonly runs: number;
  /** Where the rows go as JSON. */
  readonly json: string | undefined;
  readonly peer: PeerName | undefined;
  readonly help: boolean;
}

const DEFAULT_SESSIONS = 10_000;
const DEFAULT_RUNS = 3;
const MAX_SESSIONS = 1_000_000;
const MAX_RUNS = 100;

export const BENCH_USAGE = `Usage: cygnet bench [OPTIONS]

Measures what setting up IKE_SAs costs and prints a row for each figure: the median of
the runs, what it is to be at least, and what is aimed at.

  --list               print the names of the rows and measure nothing
  --only GLOB          measure only rows of such names; may be repeated
  --sessions N         IKE_SAs of a run (${DEFAULT_SESSIONS}); rows of 250k take 25 times as many
  --runs N             runs of which the median is taken (${DEFAULT_RUNS})
  --json FILE          write the rows to FILE as well
  --peer strongswan    measure Debian's strongSwan as the responder, too (needs root)
  --help

Ctrl-C ends with the rows so far.
Exit codes: 0 measured, 1 a run failed or it was interrupted, 2 command line unusable.
`;

/** @throws {UsageError} for an unknown option, a value out of range, a file that cannot be written */
export function parseBenchArguments(argv: readonly string[]): BenchArguments {
  const values = parse([...argv]);
  return {
    list: values.list,
    only: values.only,
    sessions: integer("--sessions", values.sessions, 1, MAX_SESSIONS),
    runs: integer("--runs", values.runs, 1, MAX_RUNS),
    json: values.json === undefined ? undefined : writable("--json", values.json),
    peer: values.peer === undefined ? undefined : peerOf(values.peer),
    help: values.help,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        list: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        sessions: { type: "string", default: String(DEFAULT_SESSIONS) },
        runs: { type: "string", default: String(DEFAULT_RUNS) },
        json: { type: "string" },
        peer: { type: "string" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function peerOf(text: string): PeerName {
  if (text !== "strongswan") throw new UsageError(`--peer: '${text}' is not strongswan, the only one there is`);
  return text;
}

/** Whether a name is asked for. @param globs with `*` for any text; none ask for all */
export function isWanted(name: string, globs: readonly string[]): boolean {
  return globs.length === 0 || globs.some((glob) => globPattern(glob).test(name));
}

function globPattern(glob: string): RegExp {
  return new RegExp(`^${glob.split("*").map(escape).join(".*")}$`);
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
