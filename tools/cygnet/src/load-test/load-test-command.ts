import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode } from "../exit-code.js";
import type { Terminal } from "../terminal.js";
import { UsageError } from "../usage-error.js";
import { DaemonPair } from "./daemon-pair.js";
import { DaemonStartError } from "./daemon-process.js";
import { sidePaths } from "./daemon-settings.js";
import { Interruption } from "./interruption.js";
import { LOAD_TEST_USAGE, parseLoadTestArguments } from "./load-test-arguments.js";
import type { LoadTestArguments } from "./load-test-arguments.js";
import { LoadTesterError } from "./load-tester-client.js";
import { formatSummary } from "./summary.js";
import type { Summary } from "./summary.js";
import { runTest } from "./run-test.js";
import { readStatus } from "./read-status.js";

/** Up to this many sessions the whole of `statusall` is shown. */
const FULL_STATUS_SESSIONS = 20;
/** IKE_SAs of `statusall` that are shown otherwise. */
const SHOWN_SAS = 3;

/**
 * `cygnet load-test`: sets up IKE_SAs between two daemons and measures it.
 * @returns the exit code
 */
export async function loadTestCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const args = parseLoadTestArguments(argv);
  if (args.help) {
    terminal.out(LOAD_TEST_USAGE);
    return ExitCode.OK;
  }
  const folder = createFolder(args);
  const interruption = new Interruption();
  let pair: DaemonPair | undefined;
  const removeFolder = (): void => {
    if (args.keepLogs === undefined) rmSync(folder, { recursive: true, force: true });
  };
  const forget = interruption.listen(() => {
    pair?.kill();
    removeFolder();
    process.exit(ExitCode.INTERRUPTED);
  });
  try {
    pair = await DaemonPair.spawn(args, folder);
    return await run(pair, args, terminal, interruption);
  } catch (error) {
    return tellFailure(error, args, terminal);
  } finally {
    await pair?.stop();
    forget();
    removeFolder();
  }
}

async function run(pair: DaemonPair, args: LoadTestArguments, terminal: Terminal, interruption: Interruption): Promise<number> {
  await Promise.race([pair.ready(), interruption.requested]);
  if (interruption.isRequested) return ExitCode.FAILED;
  const { summary, ended } = await runTest(pair, args, terminal, interruption);
  terminal.out(`\n${formatSummary(summary)}`);
  if (args.json !== undefined) writeJson(args.json, summary);
  if (ended === "daemon-died") {
    terminal.err(`a daemon ended during the test, see --keep-logs\n`);
    return ExitCode.FAILED;
  }
  if (args.statusall) {
    const limit = args.sessions <= FULL_STATUS_SESSIONS ? Infinity : SHOWN_SAS;
    const { role, folder } = pair.observed;
    terminal.out(
      `\n${role === "initiator" ? "statusall of the initiator:\n" : ""}${await readStatus(sidePaths(folder).stroke, limit)}`,
    );
  }
  if (args.keepLogs !== undefined) terminal.out(`\nsettings and logs are kept in ${args.keepLogs}\n`);
  return summary.established === summary.sessions ? ExitCode.OK : ExitCode.FAILED;
}

function createFolder({ keepLogs }: LoadTestArguments): string {
  if (keepLogs === undefined) return mkdtempSync(join(tmpdir(), "cygnet-load-test-"));
  try {
    mkdirSync(keepLogs, { recursive: true });
  } catch (error) {
    throw new UsageError(`--keep-logs: ${(error as Error).message}`, { cause: error });
  }
  return keepLogs;
}

function writeJson(path: string, summary: Summary): void {
  try {
    writeFileSync(path, `${JSON.stringify(summary, undefined, 2)}\n`);
  } catch (error) {
    throw new UsageError(`--json: ${(error as Error).message}`, { cause: error });
  }
}

/** Errors that have a cause outside of this program; others are ours and pass. */
function tellFailure(error: unknown, args: LoadTestArguments, terminal: Terminal): number {
  if (error instanceof DaemonStartError) {
    terminal.err(`${error.message}:\n${error.lines.map((line) => `  ${line}\n`).join("")}`);
    return error.exitCode === ExitCode.USAGE ? ExitCode.USAGE : ExitCode.INITIALIZATION;
  }
  if (error instanceof LoadTesterError) {
    const hint = args.conf === undefined ? "" : ` (does ${args.conf} replace the load list or the control sockets?)`;
    terminal.err(`${error.message}${hint}\n`);
    return ExitCode.FAILED;
  }
  throw error;
}
