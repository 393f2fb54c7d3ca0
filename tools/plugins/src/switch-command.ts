import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { listedPlugins } from "@cygnet/daemon";
import { errorCode } from "@cygnet/plugin-api";
import { ConfigError, decodeText, parseBool, parseInt32, settingsPath, withNamespace } from "@cygnet/settings";
import type { Settings } from "@cygnet/settings";
import { existsSync, readFileSync } from "node:fs";
import type { PluginsArguments } from "./arguments.js";
import { packagesOf, readConfiguration } from "./configuration.js";
import type { Configuration } from "./configuration.js";
import { replaceFile } from "./replace-file.js";
import { TrialConfiguration } from "./snippet-folder.js";
import { setLoad } from "./snippet-text.js";

/** What cannot be done, as one line. */
class SwitchError extends Error {}

/** `cygnet plugins enable` and `disable`. @returns the exit code @throws {UsageError} */
export function switchCommand(args: PluginsArguments, terminal: Terminal): number {
  const [plugin, ...others] = args.names;
  if (plugin === undefined || others.length > 0) throw new UsageError(`${args.command} takes the name of one plugin`);
  if (!/^[a-z0-9][a-z0-9_-]*$/i.test(plugin)) throw new UsageError(`'${plugin}' is no plugin name`);
  if (args.priority !== undefined && args.command !== "enable") throw new UsageError("--priority belongs to enable");
  try {
    terminal.out(`${switchPlugin(args, plugin)}\n`);
    return ExitCode.OK;
  } catch (error) {
    if (!(error instanceof SwitchError)) throw error;
    terminal.err(`${error.message}\n`);
    return ExitCode.FAILED;
  }
}

/** @returns what was done @throws {SwitchError} */
function switchPlugin(args: PluginsArguments, plugin: string): string {
  const isOn = args.command === "enable";
  const configuration = readConfiguration(args);
  const { charon, path } = configuration;
  if (path === undefined) throw new SwitchError(`there is no ${settingsPath(process.env)}: name the configuration with --conf`);
  if (isOn && !isInstalled(configuration, plugin)) throw new SwitchError(`there is no plugin '${plugin}': install it first`);
  const trial = new TrialConfiguration(path, args.namespace);
  const file = trial.snippetOf(plugin);
  if (file === undefined) {
    throw new SwitchError(
      `${path} includes no folder of snippets for plugins: add 'include strongswan.d/charon/*.conf' to its section ` +
        `${args.namespace}.plugins and make that folder, or set ${args.namespace}.plugins.${plugin}.load there`,
    );
  }
  const current = charon.getString(["plugins", plugin, "load"]);
  const load = isOn ? String(args.priority ?? "yes") : "no";
  if (isAsWanted(current, isOn, args.priority)) {
    const place = trial.placeOfLoad(configuration.settings, plugin);
    checkEffect(args, configuration.settings, plugin);
    return `${place?.file}:${place?.line}: 'load = ${current}' already`;
  }
  const before = existsSync(file) ? textOf(file) : undefined;
  const text = edited(before, plugin, load, file);
  const settings = trial.with(file, text);
  const place = trial.placeOfLoad(settings, plugin);
  if (place?.file !== file) {
    throw new SwitchError(`${place?.file}:${place?.line} comes after ${file} and decides on plugin '${plugin}': change it there`);
  }
  checkEffect(args, settings, plugin);
  try {
    replaceFile(file, text);
  } catch (error) {
    throw new SwitchError(`${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
  return `${file}:${place.line}: load = ${load}; it takes effect when the daemon is started again`;
}

/** @throws {SwitchError} */
function textOf(file: string): string {
  try {
    return decodeText(readFileSync(file));
  } catch (error) {
    throw new SwitchError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Without `load_modular`, a snippet alone loads nothing. @throws {SwitchError} */
function checkEffect({ command, namespace }: PluginsArguments, settings: Settings, plugin: string): void {
  const charon = withNamespace(settings, namespace).section(namespace);
  let isListed: boolean;
  try {
    isListed = listedPlugins(settings, namespace).some(({ name }) => name === plugin);
  } catch (error) {
    if (errorCode(error) !== "CYG_OPTION_VALUE") throw error;
    throw new UsageError((error as Error).message, { cause: error });
  }
  if (isListed === (command === "enable")) return;
  const origin = charon.origin("load");
  const list = charon.has("load") && origin ? `${namespace}.load (${origin.file}:${origin.line})` : "the built-in list";
  throw new SwitchError(
    `load = yes would have no effect, as ${namespace}.load_modular is not on and ${list} does not name '${plugin}': ` +
      `set load_modular = yes, or add the plugin to ${namespace}.load`,
  );
}

function isAsWanted(current: string | undefined, isOn: boolean, priority: number | undefined): boolean {
  if (current === undefined) return false;
  const flag = parseBool(current);
  const number = flag === undefined ? parseInt32(current) : flag ? undefined : 0;
  if (!isOn) return flag === false || number === 0;
  return priority === undefined ? flag === true || (number ?? 0) !== 0 : number === priority;
}

function isInstalled(configuration: Configuration, name: string): boolean {
  try {
    const specifier = configuration.charon.getString(["plugins", name, "package"]);
    const packages = packagesOf(configuration);
    return packages.describe({ name, package: specifier }) !== undefined || specifier !== undefined;
  } catch {
    // What is wrong with its package the start, and `doctor`, say.
    return true;
  }
}

/** @throws {SwitchError} for a snippet that is not in the settings language */
function edited(before: string | undefined, plugin: string, load: string, file: string): string {
  try {
    return setLoad(before, plugin, load);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new SwitchError(`${file} cannot be edited: ${error.message}`, { cause: error });
  }
}
