import { CommandLineError, ExitCode, parseOptions, quietTerminal, readOptionFile } from "@cygnet/command";
import type { CommandOptions, Terminal } from "@cygnet/command";
import { COMMANDS, UNSUPPORTED } from "./commands/index.js";
import type { PkiCommand } from "./commands/command.js";
import { debugLevel, optionsOf } from "./options/common.js";
import { PkiError } from "./pki-error.js";
import { nodeSystem } from "./pki-system.js";
import type { PkiSystem } from "./pki-system.js";
import { commandUsage, commandsUsage } from "./usage.js";

/**
 * Runs `pki` with the arguments that follow its name.
 * @returns the exit code: 0, 1 for what failed and for wrong options, 2 for a certificate that is trusted and not valid now
 */
export async function pkiCommand(argv: readonly string[], terminal: Terminal, system: PkiSystem = nodeSystem): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined || first === "--help" || first === "-h") {
    terminal.out(commandsUsage());
    return ExitCode.OK;
  }
  const command = COMMANDS.find(({ name, letter }) => first === `--${name}` || first === `-${letter}`);
  if (command === undefined) {
    terminal.err(`Error: ${unknownCommand(first)}\n${commandsUsage()}`);
    return ExitCode.FAILED;
  }
  try {
    const options = parseOptions(optionsOf(command), rest, readOptionFile);
    if (options.has("help")) {
      terminal.out(commandUsage(command));
      return ExitCode.OK;
    }
    return await runCommand(command, options, terminal, system);
  } catch (error) {
    if (!(error instanceof CommandLineError)) throw error;
    terminal.err(`Error: ${error.message}\n${commandUsage(command)}`);
    return ExitCode.FAILED;
  }
}

async function runCommand(command: PkiCommand, options: CommandOptions, terminal: Terminal, system: PkiSystem): Promise<number> {
  const level = debugLevel(options);
  try {
    return await command.run({ options, system, terminal: level > 0 ? terminal : quietTerminal(terminal) });
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    if (level >= 0) terminal.err(`${error.message}\n`);
    return ExitCode.FAILED;
  }
}

function unknownCommand(text: string): string {
  const found = [...UNSUPPORTED].find(([name, letter]) => text === `--${name}` || text === `-${letter}`);
  return found === undefined ? `invalid operation '${text}'` : `--${found[0]} is not supported by this version of cygnet`;
}
