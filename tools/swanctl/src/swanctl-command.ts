import { CommandLineError, UsageError, parseOptions, quietTerminal, readOptionFile, systemReason } from "@cygnet/command";
import type { CommandOptions, Terminal } from "@cygnet/command";
import { ConfigError, loadSettings, settingsPath, withNamespace } from "@cygnet/settings";
import { DEFAULT_URI, ViciClient, ViciError } from "@cygnet/vici";
import { existsSync } from "node:fs";
import { COMMANDS } from "./commands.js";
import type { SwanctlCommand } from "./commands.js";
import { SwanctlExit } from "./context.js";
import type { SwanctlSystem } from "./context.js";
import { nodeSystem } from "./node-system.js";
import { Reporter } from "./reporter.js";
import type { Format } from "./reporter.js";
import { commandUsage, commandsUsage } from "./usage.js";

/**
 * Runs `swanctl` with the arguments that follow its name.
 * @param version shown for `--version`
 * @returns the exit code, see `SwanctlExit`
 */
export async function swanctlCommand(
  argv: readonly string[],
  terminal: Terminal,
  version: string,
  givenSystem?: SwanctlSystem,
): Promise<number> {
  const { system, release } = givenSystem ? { system: givenSystem, release: () => undefined } : nodeSystem();
  try {
    return await run(argv, terminal, version, system);
  } finally {
    release();
  }
}

async function run(argv: readonly string[], terminal: Terminal, version: string, system: SwanctlSystem): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined || first === "--help" || first === "-h") {
    terminal.out(commandsUsage());
    return SwanctlExit.OK;
  }
  const command = COMMANDS.find(({ name, letter }) => first === `--${name}` || first === `-${letter}`);
  if (command === undefined) {
    terminal.err(`swanctl: unrecognized option '${first}'\nError: invalid operation\n${commandsUsage()}`);
    return SwanctlExit.FAILED;
  }
  try {
    const options = parseOptions(command.options, rest, readOptionFile);
    if (options.has("help")) {
      terminal.out(commandUsage(command));
      return SwanctlExit.OK;
    }
    checkDebug(options);
    if (command.name === "version" && !options.has("daemon")) {
      terminal.out(`cygnet swanctl ${version}\n`);
      return SwanctlExit.OK;
    }
    return await connected(command, options, terminal, system);
  } catch (error) {
    if (error instanceof CommandLineError) {
      terminal.err(`swanctl: ${error.message}\nError: invalid options\n${commandUsage(command)}`);
      return SwanctlExit.FAILED;
    }
    // Nothing was loaded or unloaded: the file is read first.
    if (error instanceof ConfigError) throw new UsageError(error.message, { cause: error });
    if (!(error instanceof ViciError)) throw error;
    terminal.err(`swanctl: ${error.message}\n`);
    return error.code === "CYG_VICI_CONNECTION" ? SwanctlExit.UNREACHABLE : SwanctlExit.FAILED;
  }
}

async function connected(
  command: SwanctlCommand,
  options: CommandOptions,
  terminal: Terminal,
  system: SwanctlSystem,
): Promise<number> {
  const uri = options.text("uri") ?? configuredUri(system) ?? DEFAULT_URI;
  let client: ViciClient;
  try {
    client = await ViciClient.connect(uri);
  } catch (error) {
    if (!(error instanceof ViciError) || error.code !== "CYG_VICI_CONNECTION") throw error;
    terminal.err(`connecting to '${uri}' failed: ${systemReason(error.cause)}\n`);
    return SwanctlExit.UNREACHABLE;
  }
  try {
    const reporter = new Reporter(formatOf(options), terminal);
    return await command.run({ client, options, reporter, terminal: withDebug(terminal, options), system });
  } finally {
    client.close();
  }
}

/** `swanctl.socket` of strongswan.conf, where there is one. @throws {ConfigError} */
function configuredUri({ env }: SwanctlSystem): string | undefined {
  const path = settingsPath(env);
  if (!existsSync(path)) return undefined;
  return withNamespace(loadSettings(path).settings, "swanctl").getString(["swanctl", "socket"]);
}

/** The last one wins in strongSwan's, too: the more readable one. */
function formatOf(options: CommandOptions): Format {
  if (options.has("json")) return "json";
  if (options.has("pretty")) return "pretty";
  return options.has("raw") ? "raw" : "text";
}

/** @throws {CommandLineError} */
function checkDebug(options: CommandOptions): void {
  const level = options.number("debug");
  if (level !== undefined && (level < -1 || level > 4)) throw new CommandLineError(`option '--debug': ${level} is no level`);
}

/** Below level 0 swanctl is silent about what fails; the exit code tells. */
function withDebug(terminal: Terminal, options: CommandOptions): Terminal {
  return (options.number("debug") ?? 1) >= 0 ? terminal : quietTerminal(terminal);
}
