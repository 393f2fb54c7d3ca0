import { dirname, join } from "node:path";
import { Daemon, PidFile, dropPrivileges } from "@cygnet/daemon";
import { COMPATIBLE_VERSION, CYGNET_VERSION } from "@cygnet/daemon/version";
import { System } from "@cygnet/native";
import { LogGroup, errorCode } from "@cygnet/plugin-api";
import type { SettingsMessage } from "@cygnet/settings";
import { ExitCode } from "@cygnet/command";
import { checkPidDir } from "../pid-dir.js";
import { ServiceManager } from "../service-manager.js";
import type { Terminal } from "@cygnet/command";
import { CHARON_USAGE, parseCharonArguments } from "./charon-arguments.js";
import type { CharonArguments } from "./charon-arguments.js";
import { FaultLog } from "./fault-log.js";
import { confPath, describeConfError, isConfError, readSettings } from "./read-settings.js";
import { StartWitness } from "./start-witness.js";
import { Termination } from "./termination.js";

/** What a parent that spawned the daemon with an IPC channel is sent, once. The daemon ends when that channel closes. */
export interface CharonReport {
  readonly charon: "ready";
}

/**
 * `cygnet charon`: runs the daemon until a signal ends it.
 * @returns the exit code
 */
export async function charonCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const args = parseCharonArguments(argv);
  if (args.wants === "help") terminal.out(CHARON_USAGE);
  else if (args.wants === "version") terminal.out(`cygnet ${CYGNET_VERSION} (charon of strongSwan ${COMPATIBLE_VERSION})\n`);
  else return run(args, terminal);
  return ExitCode.OK;
}

async function run(args: CharonArguments, terminal: Terminal): Promise<number> {
  checkPidDir(args.pidDir);
  const conf = confPath(args.conf);
  const pidFile = new PidFile(join(args.pidDir, `${args.namespace}.pid`));
  let warnings: readonly SettingsMessage[] = [];
  let daemon: Daemon | undefined;
  const manager = ServiceManager.claim();
  try {
    const loaded = readSettings(conf);
    warnings = loaded.warnings;
    // Before there is a log: a second instance must not touch the files of the first.
    const isStale = pidFile.check();
    if (isStale) terminal.err(`replacing the stale pid file '${pidFile.path}', its process is gone\n`);
    const termination = new Termination();
    daemon = new Daemon({
      settings: loaded.settings,
      namespace: args.namespace,
      pidDir: args.pidDir,
      pluginFolders: [dirname(conf), process.cwd()],
      useSyslog: args.useSyslog,
      ...(args.levels && { commandLineLevels: args.levels }),
      setAffinity: (cpus) => new System().setProcessAffinity(cpus),
      readSettings: () => {
        const { settings, warnings: fresh } = readSettings(conf);
        if (daemon) tellWarnings(daemon, fresh);
        return settings;
      },
      onLoaded: ({ owner, log }) => {
        pidFile.create();
        dropPrivileges(owner, log);
      },
      onReload: () => {
        manager.reloading();
        return () => manager.ready();
      },
      onShutdown: (reason) => termination.request(reason),
      onProfile: (text) => terminal.err(text),
    });
    const { log } = daemon;
    manager.useLog((message) => log.log(LogGroup.DMN, 1, message));
    if (isStale) log.log(LogGroup.DMN, 1, `replacing the stale pid file '${pidFile.path}', its process is gone`);
    tellWarnings(daemon, warnings);
    return await serve({ daemon, termination, terminal, pidFile, manager });
  } catch (error) {
    return tellRefusal(error, terminal);
  } finally {
    pidFile.remove();
  }
}

function tellWarnings({ log }: Daemon, warnings: readonly SettingsMessage[]): void {
  for (const { level, message } of warnings) log.log(LogGroup.CFG, level, message);
}

/** A daemon and who has to do with its life. */
interface Service {
  readonly daemon: Daemon;
  readonly termination: Termination;
  readonly terminal: Terminal;
  readonly pidFile: PidFile;
  readonly manager: ServiceManager;
}

/** Starts the daemon and stays until it has ended. */
async function serve({ daemon, termination, terminal, pidFile, manager }: Service): Promise<number> {
  const { log } = daemon;
  const faults = new FaultLog(log);
  const forget = faults.install();
  // A reader of our output that went away is no reason to go, too.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignore);
  const stopListening = termination.listen(() => pidFile.remove());
  const reload = (): void => void reloadSettings(daemon);
  process.on("SIGHUP", reload);
  const orphaned = (): void => termination.request("the process that started the daemon is gone, shutting down");
  process.once("disconnect", orphaned);
  // It went while we were loading, and nobody will say so again.
  if (process.send !== undefined && !process.connected) orphaned();
  try {
    if (!(await start(daemon, terminal))) return ExitCode.INITIALIZATION;
    manager.ready();
    process.send?.({ charon: "ready" } satisfies CharonReport, undefined, undefined, ignore);
    const keepAlive = setInterval(ignore, 2 ** 30);
    const reason = await termination.requested;
    clearInterval(keepAlive);
    manager.stopping();
    log.log(LogGroup.DMN, 1, reason);
    if (faults.count > 0) log.log(LogGroup.DMN, 1, `${faults.count} uncaught errors since the start`);
    return ExitCode.OK;
  } finally {
    await daemon.stop();
    process.off("SIGHUP", reload);
    stopListening();
    forget();
    if (process.connected) process.disconnect();
  }
}

/** @returns whether it runs; if not, one line on the error output and in the log says why */
async function start(daemon: Daemon, terminal: Terminal): Promise<boolean> {
  const witness = new StartWitness();
  const unwatch = daemon.log.addSink(witness);
  try {
    await daemon.start();
    return true;
  } catch (error) {
    if (isConfError(error) || isRefusal(error)) throw error;
    const reason = errorCode(error) === "CYG_PLUGIN_CRITICAL" ? (witness.reason ?? (error as Error).message) : String(error);
    daemon.log.log(LogGroup.DMN, 1, "initialization failed - aborting charon");
    terminal.err(`initialization failed - aborting charon: ${reason}\n`);
    return false;
  } finally {
    unwatch();
  }
}

async function reloadSettings(daemon: Daemon): Promise<void> {
  const { log } = daemon;
  log.log(LogGroup.DMN, 1, "signal of type SIGHUP received. Reloading configuration");
  try {
    await daemon.reload();
  } catch (error) {
    log.log(LogGroup.DMN, 1, `reloading config failed, keeping old: ${(error as Error).message}`);
  }
  log.flush();
}

/** Whether the message of an error says all. */
function isRefusal(error: unknown): boolean {
  return errorCode(error).startsWith("CYG_DAEMON_");
}

function tellRefusal(error: unknown, terminal: Terminal): number {
  if (isConfError(error)) {
    for (const line of describeConfError(error)) terminal.err(`${line}\n`);
    return ExitCode.USAGE;
  }
  if (isRefusal(error)) terminal.err(`${(error as Error).message}\n`);
  else
    terminal.err(
      `initialization failed - aborting charon: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  return ExitCode.INITIALIZATION;
}

function ignore(): void {}
