import { LogGroup } from "@cygnet/plugin-api";
import type { Logger, PluginReport } from "@cygnet/plugin-api";
import { PackageSource, PluginHost, createContainer, resolvePluginList } from "@cygnet/runtime";
import type { ListedPlugin, PluginSource } from "@cygnet/runtime";
import { withNamespace } from "@cygnet/settings";
import type { Settings, SettingsView } from "@cygnet/settings";
import { builtInPlugin } from "./built-in-plugin.js";
import { charonGroups } from "./options/charon-options.js";
import { readCharon } from "./options/charon-values.js";
import { checkOptions } from "./options/option-check.js";
import { withCoreParts } from "./core-parts.js";
import { DEFAULT_PLUGINS, LATER_PLUGINS } from "./plugin-names.js";

/** What is rehearsed. */
export interface RehearsalOptions {
  readonly settings: Settings;
  /** As `DaemonOptions` has them. */
  readonly namespace?: string;
  readonly pluginFolders?: readonly string[];
  readonly pluginSource?: PluginSource;
}

/** What a start would make of a configuration, as far as plugins are concerned. */
export interface Rehearsal {
  /** In the order of the list. The first one is the daemon itself. */
  readonly plugins: readonly PluginReport[];
  /** Features in the order in which they would be registered. */
  readonly order: readonly { readonly plugin: string; readonly feature: string }[];
  /** Why the daemon would not start; empty if it would. */
  readonly refusals: readonly string[];
  /** What the log would say of values that are taken otherwise than they are written. */
  readonly warnings: readonly string[];
  /** Options and sections that nothing reads, with their places. */
  readonly unread: readonly string[];
  /** Sections of plugins that are not loaded although there is more in them than `load`, with their places. */
  readonly unused: readonly { readonly plugin: string; readonly place?: string }[];
}

/**
 * Opens the plugins of a configuration and resolves their features, without registering any: no socket is opened and nothing is written. Modules
 * of plugins are imported, and do what they do then.
 *
 * A feature counts as loaded here when all that it depends on is there; whether the system lets it is for the start to find out.
 *
 * @throws {OptionError} CYG_OPTION_VALUE for an unusable option of the daemon itself, with which it does not start
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const { settings, namespace = "charon", pluginFolders: folders = [process.cwd()] } = options;
  const charon = withNamespace(settings, namespace).section(namespace);
  const warnings: string[] = [];
  readCharon(charon, (warning) => void warnings.push(warning));
  const host = new PluginHost({
    locations: ["control", "shard"],
    source: withCoreParts(options.pluginSource ?? new PackageSource({ folders })),
    container: createContainer(),
    log: warningLog(warnings),
    charon,
    builtIn: [builtInPlugin({ ready: () => undefined, receive: () => () => Promise.resolve() })],
    defaultList: DEFAULT_PLUGINS,
    later: LATER_PLUGINS,
    isRehearsal: true,
  });
  await host.load();
  const plugins = host.report();
  const used = new Set(plugins.filter(({ loaded }) => loaded).map(({ name }) => name));
  return {
    plugins,
    order: host.loadOrder(),
    refusals: host.refusals,
    warnings,
    unread: checkOptions({ settings, charon, groups: [...charonGroups, ...host.optionGroups()] }),
    unused: charon
      .sections("plugins")
      .filter((name) => !used.has(name) && hasOptions(charon.section(["plugins", name])))
      .map((plugin) => ({ plugin, ...placeOf(charon, plugin) })),
  };
}

/** The plugins that a configuration asks for, in their order. @throws {OptionError} CYG_OPTION_VALUE */
export function listedPlugins(settings: Settings, namespace = "charon"): ListedPlugin[] {
  return resolvePluginList(withNamespace(settings, namespace).section(namespace), DEFAULT_PLUGINS);
}

function hasOptions(section: SettingsView): boolean {
  return section.keys().some((key) => key !== "load") || section.sections().length > 0;
}

function placeOf(charon: SettingsView, plugin: string): { readonly place?: string } {
  const origin = charon.origin(["plugins", plugin]);
  return origin && origin.line > 0 ? { place: `${origin.file}:${origin.line}` } : {};
}

/** Only what is about values comes with a place in front; the rest is in the report. */
function warningLog(warnings: string[]): Logger {
  return {
    enabled: (group, level) => group === LogGroup.LIB && level === 1,
    log: (_group, _level, message) => {
      if (/^\S+:\d+:\d+: /.test(message)) warnings.push(message);
    },
  };
}
