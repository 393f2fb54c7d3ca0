import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { COMPATIBLE_VERSION } from "@cygnet/daemon/version";
import { Starter, nodeStarterSystem } from "@cygnet/starter";
import type { DaemonCommand, DaemonExit, DaemonProcess, StarterExit, StarterOptions, StarterSystem } from "@cygnet/starter";
import { NodeTimers, SystemSyslog } from "@cygnet/runtime";
import { CLI_PATH } from "../cli-path.js";
import { ExitCode } from "@cygnet/command";
import type { IpsecArguments } from "./ipsec-arguments.js";
import { ServiceManager } from "../service-manager.js";
import { strokeUri, strongswanConf } from "./ipsec-paths.js";

/** What a starter in the background tells the command that started it. */
export type StarterReport = { readonly line: string } | { readonly starter: "ready" };

/** What {@link runStarter} is told. */
export interface StarterRun {
  readonly args: IpsecArguments;
  readonly options: StarterOptions;
  readonly confFile: string;
  /** Gets the log in the foreground; undefined in the background, where it goes to the system log and, until it is ready, to `report`. */
  readonly log: ((line: string) => void) | undefined;
  readonly report: (message: StarterReport) => void;
}

/** Facility daemon, severity info (RFC 5424 section 6.2.1), as strongSwan's starter logs. */
const SYSLOG_PRIORITY = (3 << 3) | 6;

/** Runs starter until it is stopped. @returns the exit code */
export async function runStarter({ args, options, confFile, log, report }: StarterRun): Promise<number> {
  const syslog =
    log === undefined
      ? new SystemSyslog({ identifier: "ipsec_starter", timers: new NodeTimers(), onTrouble: () => undefined })
      : undefined;
  const isSilent = options.logLevel < 0;
  let isReported = false;
  const say = (line: string): void => {
    if (isSilent) return;
    log?.(line);
    syslog?.send(SYSLOG_PRIORITY, line);
    if (!isReported) report({ line });
  };
  const manager = ServiceManager.claim();
  manager.useLog(say);
  const daemons = new DaemonSpawner(syslog === undefined ? undefined : say);
  const starter = new Starter({
    confFile,
    pidDir: args.pidDir,
    strokeUri: strokeUri(args),
    daemonName: options.daemon,
    daemonCommand: (given) => daemonCommand(args, options.daemon, given),
    version: `strongSwan ${COMPATIBLE_VERSION}`,
    nofork: options.nofork,
    autoUpdateSec: options.autoUpdateSec,
    log: say,
    system: daemons.system,
  });
  const forget = bindSignals(starter, manager);
  // Beside a daemon that somebody else runs there is nothing else that keeps this process.
  const keepAlive = setInterval(() => undefined, 2 ** 30);
  try {
    const ended = starter.run();
    let isEnded = false;
    void ended.then(() => {
      isEnded = true;
    });
    void starter.idle().then(() => {
      if (isEnded) return;
      manager.ready();
      report({ starter: "ready" });
      isReported = true;
    });
    return exitCode(await ended, daemons.lastExit);
  } finally {
    clearInterval(keepAlive);
    forget();
    await syslog?.end();
  }
}

function daemonCommand(args: IpsecArguments, name: string, given: readonly string[]): DaemonCommand {
  const own = ["--conf", strongswanConf(args), "--piddir", args.pidDir, ...(name === "charon" ? [] : ["--namespace", name])];
  return { file: process.execPath, args: [...process.execArgv, CLI_PATH, "charon", ...own, ...given] };
}

function bindSignals(starter: Starter, manager: ServiceManager): () => void {
  const reload = (work: Promise<void>): void => {
    manager.reloading();
    void work.then(() => manager.ready());
  };
  const stop = (): void => {
    manager.stopping();
    void starter.stop();
  };
  const handlers: Partial<Record<NodeJS.Signals, () => void>> = {
    SIGHUP: () => reload(starter.update()),
    SIGUSR1: () => reload(starter.reload()),
    SIGTERM: stop,
    SIGINT: stop,
    SIGQUIT: stop,
  };
  const entries = Object.entries(handlers) as [NodeJS.Signals, () => void][];
  for (const [signal, handler] of entries) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of entries) process.off(signal, handler);
  };
}

/** A daemon that did not like its configuration says so by its exit code, which is handed on. */
function exitCode(exit: StarterExit, daemon: DaemonExit | undefined): number {
  if (exit.reason === "daemon-refused" && daemon?.code === ExitCode.USAGE) return ExitCode.USAGE;
  return exit.code;
}

/** The real system, with daemons whose error output is kept for the log where nobody would see it, and whose end is remembered. */
class DaemonSpawner {
  readonly system: StarterSystem;
  lastExit: DaemonExit | undefined;

  /** @param log gets the error output; undefined leaves it where it goes by itself */
  constructor(log: ((line: string) => void) | undefined) {
    const real = nodeStarterSystem();
    const run = log === undefined ? real.spawn.bind(real) : (command: DaemonCommand) => spawnQuietly(command, log);
    this.system = {
      ...real,
      spawn: (command) => {
        const daemon = run(command);
        void daemon.exited.then((exit) => {
          this.lastExit = exit;
        });
        return daemon;
      },
    };
  }
}

function spawnQuietly(command: DaemonCommand, log: (line: string) => void): DaemonProcess {
  const child = spawn(command.file, [...command.args], { stdio: ["ignore", "ignore", "pipe"] });
  const lines = createInterface({ input: child.stderr });
  lines.on("line", log);
  const exited = new Promise<DaemonExit>((resolve) => {
    child.once("error", (error) => resolve({ code: null, signal: null, error }));
    // Not on "exit": the last words may still be in the pipe then.
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), exited };
}
