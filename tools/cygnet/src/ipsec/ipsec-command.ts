import { release, type } from "node:os";
import { COMPATIBLE_VERSION, CYGNET_VERSION } from "@cygnet/daemon/version";
import { IPSEC_COMMANDS, STARTER_WORDS, ipsecMisuse } from "@cygnet/starter";
import type { IpsecCommand } from "@cygnet/starter";
import { ConfigError } from "@cygnet/settings";
import { ExitCode } from "@cygnet/command";
import { checkPidDir } from "../pid-dir.js";
import type { Terminal } from "@cygnet/command";
import { parseIpsecArguments } from "./ipsec-arguments.js";
import type { IpsecArguments } from "./ipsec-arguments.js";
import { pidFiles, strokeUri } from "./ipsec-paths.js";
import { profile } from "./profile.js";
import { isThere, runningPid } from "./processes.js";
import { start } from "./start.js";
import { stop, tell } from "./stop.js";
import { strokeTool, talk } from "./stroke-tool.js";

/** Commands that print one fact about the installation. */
const FACTS: Readonly<Record<string, (args: IpsecArguments) => string>> = {
  "--version": versionText,
  version: versionText,
  "--versioncode": () => `U${COMPATIBLE_VERSION}/K${release()}`,
  "--confdir": () => "/etc",
  "--piddir": ({ pidDir }) => pidDir,
  "--copyright": () => `cygnet ${CYGNET_VERSION}, Apache-2.0`,
  "--help": usage,
  help: usage,
};

/**
 * `cygnet ipsec`: strongSwan's `ipsec` command.
 * @returns the exit code: that of the stroke tool, 7 where the daemon or starter that is needed does not run, for `status` and `statusall`
 * 0 with a running starter and 3 without
 */
export async function ipsecCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const args = parseIpsecArguments(argv);
  const { command: name } = args;
  if (name === undefined) {
    terminal.err(`${usage()}\n`);
    return ExitCode.USAGE;
  }
  if (Object.hasOwn(FACTS, name)) {
    terminal.out(`${FACTS[name](args)}\n`);
    return ExitCode.OK;
  }
  const command = IPSEC_COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) {
    terminal.err(`cygnet ipsec: unknown command '${name}' (cygnet ipsec --help lists them)\n`);
    return ExitCode.USAGE;
  }
  checkPidDir(args.pidDir);
  try {
    return await run(command, args, terminal);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    terminal.err(`${error.message}\n`);
    return ExitCode.USAGE;
  }
}

async function run(command: IpsecCommand, args: IpsecArguments, terminal: Terminal): Promise<number> {
  switch (command.kind) {
    case "signal":
      return command.name === "stop" ? stop(args, terminal) : tell(command, args, terminal);
    case "stroke": {
      const usage = ipsecMisuse(command, args.rest);
      if (usage !== undefined) {
        terminal.out(`${usage}\n`);
        return ExitCode.USAGE;
      }
      return command.noDaemonStatus === ExitCode.NO_STARTER
        ? status(command.request, args, terminal)
        : stroke(command.request, args, terminal);
    }
    case "local":
      return local(command.name, args, terminal);
    default:
      return command satisfies never;
  }
}

async function local(name: string, args: IpsecArguments, terminal: Terminal): Promise<number> {
  if (name === "stroke") return strokeTool(args, terminal);
  if (name === "pki") return (await import("@cygnet/pki")).pkiCommand(args.rest, terminal);
  if (name === "profile") return isDaemonThere(args) ? profile(args, terminal) : tellNoDaemon(args, terminal);
  if (name === "restart") {
    // As strongSwan's, it starts what was not running as well.
    await stop(args, terminal);
  }
  return start(args, terminal);
}

/** A request that needs the daemon. */
async function stroke(request: string, args: IpsecArguments, terminal: Terminal): Promise<number> {
  if (!isDaemonThere(args)) return tellNoDaemon(args, terminal);
  return talk(strokeUri(args), [request, ...args.rest], terminal);
}

function tellNoDaemon({ pidDir }: IpsecArguments, terminal: Terminal): number {
  terminal.err(`charon is not running: there is no '${pidFiles(pidDir).daemon}'\n`);
  return ExitCode.NOT_RUNNING;
}

/** `status` and `statusall`: what the daemon says, and whether starter runs. */
async function status(request: string, args: IpsecArguments, terminal: Terminal): Promise<number> {
  if (isDaemonThere(args)) await talk(strokeUri(args), [request, ...args.rest], terminal);
  const { starter } = pidFiles(args.pidDir);
  if (!isThere(starter)) return ExitCode.NO_STARTER;
  return runningPid(starter, STARTER_WORDS) === undefined ? ExitCode.FAILED : ExitCode.OK;
}

/**
 * By its pid file, as strongSwan looks; a daemon that had given up its privileges may leave an empty one behind. A socket named on the command
 * line is taken at its word.
 */
function isDaemonThere(args: IpsecArguments): boolean {
  return args.socket !== undefined || isThere(pidFiles(args.pidDir).daemon);
}

function versionText(): string {
  return `${type()} strongSwan U${COMPATIBLE_VERSION}/K${release()}`;
}

function usage(): string {
  const lines = IPSEC_COMMANDS.map((command) => {
    const args = command.kind === "signal" ? "" : command.args;
    return `  ${`${command.name} ${args}`.trimEnd().padEnd(30)}  ${command.description}`;
  });
  return [
    "Usage: cygnet ipsec [OPTIONS] COMMAND [ARGUMENTS]",
    "",
    "Options:",
    "  --piddir DIR                    folder of pid files and sockets, /var/run by default",
    "  --socket URI                    the stroke socket: unix://PATH, tcp://HOST:PORT or a path",
    "  --strongswan-conf FILE          otherwise $STRONGSWAN_CONF or /etc/strongswan.conf",
    "",
    "Commands:",
    ...lines,
    "",
    "start and restart take starter's options: --nofork, --conf FILE (ipsec.conf), --conftest,",
    "--auto-update SEC, --debug, --debug-more, --debug-all, --nolog, --daemon NAME.",
    "Exit codes: 0 done, 1 failed, 2 command line or configuration unusable, 3 status without",
    "starter, 7 nothing runs that could be told, 255 the stroke socket cannot be reached.",
  ].join("\n");
}
