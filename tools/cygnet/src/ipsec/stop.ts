import { DAEMON_WORDS, STARTER_WORDS } from "@cygnet/starter";
import type { IpsecCommand } from "@cygnet/starter";
import { ExitCode } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import type { IpsecArguments } from "./ipsec-arguments.js";
import { pidFiles } from "./ipsec-paths.js";
import { gone, runningPid } from "./processes.js";
import { confOfStarter, isUsableConf } from "./starter-conf.js";

/** How long starter may take: it gives the daemon 8 seconds to close its SAs. */
const STOP_LIMIT_MS = 12_000;
/** How long a killed process takes to vanish. */
const KILL_LIMIT_MS = 2000;

const SAYS: Readonly<Record<string, string>> = {
  update: "Updating strongSwan IPsec configuration",
  reload: "Reloading strongSwan IPsec configuration",
};

/** `stop`: ends starter, which ends the daemon, and waits until both are gone. */
export async function stop(args: IpsecArguments, terminal: Terminal): Promise<number> {
  const files = pidFiles(args.pidDir);
  const starter = runningPid(files.starter, STARTER_WORDS);
  if (starter === undefined) {
    terminal.err("Stopping strongSwan IPsec failed: starter is not running\n");
    return ExitCode.NOT_RUNNING;
  }
  terminal.err("Stopping strongSwan IPsec...\n");
  const daemon = runningPid(files.daemon, DAEMON_WORDS);
  if (!signal(starter, "SIGTERM", "Stopping strongSwan IPsec", terminal)) return ExitCode.FAILED;
  if (await gone(starter, STOP_LIMIT_MS)) return ExitCode.OK;
  terminal.err("starter has not responded - sending SIGKILL\n");
  for (const pid of [starter, daemon]) if (pid !== undefined) signal(pid, "SIGKILL", "Killing", terminal);
  return (await gone(starter, KILL_LIMIT_MS)) ? ExitCode.OK : ExitCode.FAILED;
}

/**
 * `update` and `reload`: a signal to starter. A broken ipsec.conf is told here, as starter would only log it and keep what it has.
 * @returns 2 for a broken ipsec.conf, with starter not told
 */
export function tell(command: IpsecCommand & { readonly kind: "signal" }, args: IpsecArguments, terminal: Terminal): number {
  const says = SAYS[command.name];
  const starter = runningPid(pidFiles(args.pidDir).starter, STARTER_WORDS);
  if (starter === undefined) {
    terminal.err(`${says} failed: starter is not running\n`);
    return ExitCode.NOT_RUNNING;
  }
  const conf = confOfStarter(starter, args);
  if (!isUsableConf(conf, (line) => terminal.err(`${line}\n`))) {
    terminal.err(`${says} failed: '${conf}' cannot be used, what was loaded before stays\n`);
    return ExitCode.USAGE;
  }
  terminal.err(`${says}...\n`);
  return signal(starter, command.signal, says, terminal) ? ExitCode.OK : ExitCode.FAILED;
}

function signal(pid: number, name: NodeJS.Signals, says: string, terminal: Terminal): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH") return true;
    terminal.err(`${says} failed: no permission to signal process ${pid} (${code ?? "unknown"})\n`);
    return false;
  }
}
