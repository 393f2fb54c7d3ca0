import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { checkCommand } from "./check-command.js";
import type { OptionSources } from "./check/strongswan-conf.js";
import { convertCommand } from "./convert-command.js";

const USAGE = `Usage: cygnet migrate COMMAND [OPTIONS]

Commands:
  check    what each key of a configuration of strongSwan does here
  convert  ipsec.conf and ipsec.secrets, or the profile of a client, as swanctl.conf

  cygnet migrate COMMAND --help tells more.
`;

/**
 * Runs `cygnet migrate` with the arguments that follow its name.
 * @returns the exit code
 * @throws {UsageError}
 */
export async function migrateCommand(argv: readonly string[], terminal: Terminal, sources: OptionSources): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "check") return await checkCommand(rest, terminal, sources);
  if (name === "convert") return convertCommand(rest, terminal);
  if (name !== undefined && name !== "--help" && name !== "-h") throw new UsageError(`unknown command '${name}'\n${USAGE}`);
  if (name === undefined) terminal.err(USAGE);
  else terminal.out(USAGE);
  return name === undefined ? ExitCode.USAGE : ExitCode.OK;
}
