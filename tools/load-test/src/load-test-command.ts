import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExitCode, Interruption, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { checkAlgorithms, checkProposals } from "./check-proposals.js";
import { DaemonPair, loopback } from "./daemon-pair.js";
import { DaemonStartError, cygnetCommand } from "./daemon-process.js";
import { sidePaths } from "./daemon-settings.js";
import type { Side } from "./daemon-settings.js";
import { FULL_STATUS_SESSIONS, LOAD_TEST_USAGE, SHOWN_SAS, parseLoadTestArguments } from "./load-test-arguments.js";
import type { LoadTestArguments } from "./load-test-arguments.js";
import { LoadTesterError } from "./load-tester-client.js";
import { digestLog } from "./log-digest.js";
import { formatSummary } from "./summary.js";
import type { Summary } from "./summary.js";
import { runTest } from "./run-test.js";
import { readStatus } from "./read-status.js";
import { tellWarnings } from "./tell-warnings.js";

/**
 * `cygnet load-test`: sets up IKE_SAs between two daemons and measures it.
 * @param launcher `bin/cygnet.js`, to run the daemons with
 * @returns the exit code
 */
export async function loadTestCommand(argv: readonly string[], terminal: Terminal, launcher: string): Promise<number> {
  const args = parseLoadTestArguments(argv);
  if (args.help) {
    terminal.out(LOAD_TEST_USAGE);
    return ExitCode.OK;
  }
  await checkProposals(args);
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
    pair = await DaemonPair.spawn(args, folder, loopback(cygnetCommand(launcher)));
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
  await checkAlgorithms(args, sidePaths(pair.initiator.folder).stroke);
  const { summary, ended } = await runTest(pair, args, terminal, interruption);
  const status = args.statusall && ended !== "daemon-died" ? await statusText(pair, args) : "";
  // Then their logs are complete.
  await pair.stop();
  const [initiator, responder] = await Promise.all([pair.initiator, pair.responder].map(digestOf));
  tellWarnings(
    [responder, initiator].filter((side) => side !== undefined),
    terminal,
  );
  terminal.out(`\n${formatSummary(summary, initiator)}${status}`);
  if (args.json !== undefined) writeJson(args.json, summary);
  if (ended === "daemon-died") terminal.err(`a daemon ended during the test, see --keep-logs\n`);
  if (args.keepLogs !== undefined) terminal.out(`\nsettings and logs are kept in ${args.keepLogs}\n`);
  const isComplete = summary.established === summary.sessions && initiator?.childFailures.size === 0;
  return isComplete && ended !== "daemon-died" ? ExitCode.OK : ExitCode.FAILED;
}

async function statusText(pair: DaemonPair, args: LoadTestArguments): Promise<string> {
  const { role, folder } = pair.observed;
  const limit = args.sessions <= FULL_STATUS_SESSIONS ? Infinity : SHOWN_SAS;
  const title = role === "initiator" ? "statusall of the initiator:\n" : "";
  return `\n${title}${await readStatus(sidePaths(folder).stroke, limit)}`;
}

async function digestOf(side: Side | undefined) {
  if (side === undefined) return undefined;
  const { warnings, failures, childFailures } = await digestLog(sidePaths(side.folder).log);
  return { role: side.role, warnings, failures, childFailures };
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
