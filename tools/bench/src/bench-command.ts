import { writeFileSync } from "node:fs";
import { ExitCode, Interruption, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { cygnetCommand } from "@cygnet/load-test";
import { BENCH_USAGE, isWanted, parseBenchArguments } from "./bench-arguments.js";
import type { BenchArguments } from "./bench-arguments.js";
import { catalogue } from "./catalogue.js";
import type { Measurement } from "./measurement.js";
import { strongswanObstacle } from "./peer/strongswan.js";
import { placement } from "./placement.js";
import { Resources } from "./resources.js";
import { rowText } from "./row.js";
import type { Row } from "./row.js";
import { runMeasurements } from "./run-measurements.js";

/**
 * `cygnet bench`: measures what setting up IKE_SAs costs.
 * @param launcher `bin/cygnet.js`, to run the daemons with
 * @returns the exit code
 */
export async function benchCommand(argv: readonly string[], terminal: Terminal, launcher: string): Promise<number> {
  const args = parseBenchArguments(argv);
  if (args.help) {
    terminal.out(BENCH_USAGE);
    return ExitCode.OK;
  }
  const wanted = wantedOf(args);
  if (args.list) {
    for (const { rows } of wanted) for (const { name } of rows) terminal.out(`${name}\n`);
    return ExitCode.OK;
  }
  const obstacle = args.peer === undefined ? undefined : strongswanObstacle();
  if (obstacle !== undefined) throw new UsageError(`--peer: ${obstacle}`);
  return measure(wanted, args, terminal, launcher);
}

async function measure(
  measurements: readonly Measurement[],
  args: BenchArguments,
  terminal: Terminal,
  launcher: string,
): Promise<number> {
  const resources = new Resources();
  const interruption = new Interruption();
  const forget = interruption.listen(() => {
    resources.drop();
    process.exit(ExitCode.INTERRUPTED);
  });
  void interruption.requested.then(() => terminal.err("interrupted\n"));
  const where = placement();
  terminal.err(`${where.line}\n`);
  const rows: Row[] = [];
  try {
    const isComplete = await runMeasurements(
      measurements,
      { sessions: args.sessions, cygnet: cygnetCommand(launcher), placement: where, resources },
      {
        runs: args.runs,
        interruption,
        onRun: ({ rows: [{ name }] }, run) => terminal.err(`${name} ... run ${run} of ${args.runs}\n`),
        onRow: (row) => {
          rows.push(row);
          terminal.out(rowText(row));
        },
      },
    );
    return isComplete ? ExitCode.OK : ExitCode.FAILED;
  } finally {
    await resources.close();
    forget();
    if (args.json !== undefined) writeJson(args.json, rows);
  }
}

/** The measurements that are asked for, with those of their rows that are. @throws {UsageError} for a pattern that no row has */
function wantedOf(args: BenchArguments): readonly Measurement[] {
  const { only } = args;
  const all = catalogue(args);
  const names = all.flatMap(({ rows }) => rows.map(({ name }) => name));
  for (const glob of only)
    if (!names.some((name) => isWanted(name, [glob]))) throw new UsageError(`--only: no row is named like '${glob}', see --list`);
  return all
    .map((measurement) => ({ ...measurement, rows: measurement.rows.filter(({ name }) => isWanted(name, only)) }))
    .filter(({ rows }) => rows.length > 0);
}

function writeJson(path: string, rows: readonly Row[]): void {
  try {
    writeFileSync(path, `${JSON.stringify(rows, undefined, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--json: ${(error as Error).message}`, { cause: error });
  }
}
