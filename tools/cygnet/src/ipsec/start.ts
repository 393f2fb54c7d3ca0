import { spawn } from "node:child_process";
import { STARTER_USAGE, StarterUsageError, parseStarterOptions, testConfig } from "@cygnet/starter";
import type { StarterOptions } from "@cygnet/starter";
import { CLI_PATH } from "../cli-path.js";
import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import type { IpsecArguments } from "./ipsec-arguments.js";
import { readSection, strongswanConf } from "./ipsec-paths.js";
import { runStarter } from "./run-starter.js";
import type { StarterReport } from "./run-starter.js";
import { configuredConf } from "./starter-conf.js";

/** Set in the environment of a starter in the background, which reports to its parent over IPC until it is ready. */
const BACKGROUND = "CYGNET_STARTER_BACKGROUND";

/**
 * `cygnet ipsec start`: runs starter, in the background unless `--nofork`. The command waits until the daemon runs and is configured, or
 * until it is known why not.
 *
 * @returns 0, also when it runs already; 2 for a broken ipsec.conf or strongswan.conf, 1 if the daemon refused
 * @throws {ConfigError} for a strongswan.conf that does not parse
 */
export async function start(args: IpsecArguments, terminal: Terminal): Promise<number> {
  const options = parse(args.rest);
  if (options.help) {
    terminal.out(STARTER_USAGE);
    return ExitCode.OK;
  }
  if (options.attachGdb)
    throw new UsageError("--attach-gdb: this daemon is not for gdb, run `node --inspect-brk` on `cygnet charon` instead");
  const confFile = options.conf ?? configuredConf(args);
  if (options.conftest) return testConfig(confFile, (line) => terminal.err(`${line}\n`)) ? ExitCode.OK : ExitCode.USAGE;
  // Broken settings are told here, with file and line, and not by a daemon that quits.
  readSection(args, "charon");
  if (options.nofork)
    return runStarter({ args, options, confFile, log: (line) => terminal.err(`${line}\n`), report: () => undefined });
  if (process.env[BACKGROUND] === undefined || process.send === undefined) return startInBackground(args, terminal);
  // The parent may be gone; that must not end what it started.
  const report = (message: StarterReport): void =>
    void (process.connected && process.send?.(message, undefined, undefined, () => undefined));
  return runStarter({ args, options, confFile, log: undefined, report });
}

function parse(rest: readonly string[]): StarterOptions {
  try {
    return parseStarterOptions(rest);
  } catch (error) {
    if (!(error instanceof StarterUsageError)) throw error;
    throw new UsageError(`${error.message}\n${STARTER_USAGE.trimEnd()}`, { cause: error });
  }
}

/** Runs this command again as a process of its own session, and prints what it says until it is ready or gone. */
function startInBackground(args: IpsecArguments, terminal: Terminal): Promise<number> {
  const own = [
    "--piddir",
    args.pidDir,
    "--strongswan-conf",
    strongswanConf(args),
    ...(args.socket === undefined ? [] : ["--socket", args.socket]),
  ];
  const child = spawn(process.execPath, [...process.execArgv, CLI_PATH, "ipsec", ...own, "start", ...args.rest], {
    detached: true,
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...process.env, [BACKGROUND]: "1" },
  });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      terminal.err(`running starter failed: ${error.message}\n`);
      resolve(ExitCode.FAILED);
    });
    child.on("message", (message) => {
      const report = message as StarterReport;
      if ("line" in report) terminal.err(`${report.line}\n`);
      else {
        child.disconnect();
        child.unref();
        resolve(ExitCode.OK);
      }
    });
    child.once("exit", (code, signal) => {
      if (signal !== null) terminal.err(`starter was ended by ${signal}\n`);
      resolve(code ?? ExitCode.FAILED);
    });
  });
}
