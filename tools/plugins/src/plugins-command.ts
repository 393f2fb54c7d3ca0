import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { parsePluginsArguments } from "./arguments.js";
import type { PluginsArguments } from "./arguments.js";
import { callCommand } from "./call-command.js";
import { doctorCommand } from "./doctor-command.js";
import { listCommand } from "./list-command.js";
import { switchCommand } from "./switch-command.js";

const USAGE = `Usage: cygnet plugins [COMMAND] [OPTIONS]

Commands:
  list             all plugins in a table (the default)
  show [NAMES]     their features and options, with values and where each was set
  doctor           what a configuration would load, in which order, what is
                   missing and what is unused; no daemon is asked or started
  enable NAME      write 'load = yes' into the plugin's snippet,
                   strongswan.d/charon/NAME.conf
  disable NAME     the same with 'load = no'
  call [NAME [KEY=VALUE ...]]
                   run a command that a plugin added to the daemon, over vici, or
                   list them; a KEY that comes twice is a list

Options:
  --conf FILE      strongswan.conf; otherwise $STRONGSWAN_CONF or /etc/strongswan.conf
  --namespace NAME the daemon's section in it, charon by default
  --piddir DIR     folder of the daemon's sockets, /var/run by default
  --socket URI     its vici or stroke (.ctl) socket, where it is elsewhere
  --offline        list and show: ask no daemon, go by the configuration
  --json           list, show, doctor and call: for programs
  --priority N     enable: write a priority; plugins of a higher one load first
  --help

list and show ask the daemon where one runs. Modules of plugins are imported to
find out what they would do, but nothing is registered.

Exit codes: 0 done, for doctor: nothing is amiss; 1 the daemon does not tell, a
plugin does not exist or cannot be switched, a command of it fails, doctor:
something is missing or unused; 2 the command line or strongswan.conf is
unusable; 66 doctor: the daemon would not start.
`;

type Command = (args: PluginsArguments, terminal: Terminal) => number | Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  list: listCommand,
  show: listCommand,
  doctor: doctorCommand,
  enable: switchCommand,
  disable: switchCommand,
  call: callCommand,
};

/**
 * Runs `cygnet plugins` with the arguments that follow its name.
 * @returns the exit code
 * @throws {UsageError}
 */
export async function pluginsCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const args = parsePluginsArguments(argv);
  if (args.help) {
    terminal.out(USAGE);
    return ExitCode.OK;
  }
  const { command, names } = args;
  if (!Object.hasOwn(COMMANDS, command)) throw new UsageError(`unknown command '${command}'\n${USAGE}`);
  if ((command === "list" || command === "doctor") && names.length > 0) throw new UsageError(`${command} takes no names`);
  return await COMMANDS[command]!(args, terminal);
}
