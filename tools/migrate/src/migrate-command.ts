import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { convertCommand } from "./convert-command.js";

const USAGE = `Usage: cygnet migrate COMMAND [OPTIONS]

Commands:
  convert  ipsec.conf and ipsec.secrets as swanctl.conf

  cygnet migrate COMMAND --help tells more.
`;

/**
 * Runs `cygnet migrate` with the arguments that follow its name.
 * @returns the exit code
 * @throws {UsageError}
 */
export function migrateCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  return Promise.resolve().then(() => run(argv, terminal));
}

function run([name, ...rest]: readonly string[], terminal: Terminal): number {
  if (name === "convert") return convertCommand(rest, terminal);
  if (name !== undefined && name !== "--help" && name !== "-h") throw new UsageError(`unknown command '${name}'\n${USAGE}`);
  if (name === undefined) terminal.err(USAGE);
  else terminal.out(USAGE);
  return name === undefined ? ExitCode.USAGE : ExitCode.OK;
}
