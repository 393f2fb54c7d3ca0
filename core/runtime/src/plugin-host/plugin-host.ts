import { LogGroup, PluginError } from "@cygnet/plugin-api";
import type {
  FeatureLocation,
  LoadedPlugin,
  LoadedPlugins,
  Logger,
  OptionTable,
  Plugin,
  PluginContext,
  ServiceToken,
} from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import { provideUntilUndone, resolveFor } from "../container.js";
import type { Container } from "../container.js";
import type { OptionGroup } from "../options/describe-options.js";
import { readOptions } from "../options/read-options.js";
import { NodeTimers } from "../timer-source.js";
import type { TimerSource } from "../timer-source.js";
import { FeatureLoader } from "./feature-loader.js";
import type { LoadStatistics } from "./feature-loader.js";
import { describePlugin, isInUse, pluginOptionGroups } from "./plugin-entry.js";
import type { PluginEntry } from "./plugin-entry.js";
import { resolvePluginList } from "./plugin-list.js";
import { PluginOpener, symbol } from "./plugin-opener.js";
import type { PluginSource } from "./plugin-source.js";
import { withinLimit } from "./time-limit.js";

/** What a `PluginHost` is made of. */
export interface PluginHostOptions {
  /** What this thread is; both for a daemon on a single thread. */
  readonly locations: readonly FeatureLocation[];
  readonly source: PluginSource;
  readonly container: Container;
  readonly log: Logger;
  /** The daemon's section. */
  readonly charon: SettingsView;
  /** Plugins that are always there, first and critical: the daemon's own features. */
  readonly builtIn?: readonly Plugin[];
  /** What is loaded without `charon.load`. */
  readonly defaultList?: readonly string[];
  /** Names that a later release brings. */
  readonly later?: ReadonlySet<string>;
  readonly timers?: TimerSource;
  /** The host of another thread tells about the plugins; this one only of features that live here. */
  readonly isQuiet?: boolean;
}

/**
 * Opens the plugins of the configuration and loads their features.
 *
 * With control and shards on different threads each has a host of its own. All of them resolve the same features in the same order, and
 * each registers only those that live with it.
 */
export class PluginHost implements LoadedPlugins {
  readonly #options: PluginHostOptions;
  readonly #log: Logger;
  readonly #timers: TimerSource;
  readonly #loader: FeatureLoader;
  readonly #warn = (message: string): void => this.#say(1, message);
  #charon: SettingsView;
  #plugins: PluginEntry[] = [];
  #unloaded: Promise<void> | undefined;

  constructor(options: PluginHostOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#timers = options.timers ?? new NodeTimers();
    this.#loader = new FeatureLoader(options.log, this.#timers, options.isQuiet);
    this.#charon = options.charon;
  }

  /**
   * Opens and loads everything. Once. If it throws, nothing stays registered.
   *
   * @throws {PluginError} CYG_PLUGIN_CRITICAL when a critical plugin or one of its features is missing, after it was logged
   * @throws {OptionError} CYG_OPTION_VALUE for an unusable option
   */
  async load(): Promise<void> {
    await this.#open();
    const statistics = await this.#loader.load(this.#plugins);
    if (statistics.critical > 0) {
      const message = `failed to load ${statistics.critical} critical plugin feature${statistics.critical === 1 ? "" : "s"}`;
      this.#say(1, message);
      await this.unload();
      throw new PluginError("CYG_PLUGIN_CRITICAL", "", message);
    }
    this.#dropUnused();
    this.#summarize(statistics);
  }

  list(): readonly LoadedPlugin[] {
    return this.#plugins.map(describePlugin);
  }

  /** The options of the plugins: their own, then those that they read from the daemon's section. */
  optionGroups(): OptionGroup[] {
    return this.#plugins.flatMap(({ plugin }) => pluginOptionGroups(plugin));
  }

  /** Names of the loaded features that live here, in the order of `list`. */
  featureNames(): string[] {
    return this.#plugins.flatMap(({ features }) =>
      features.filter(({ state, isLocal }) => state === "loaded" && isLocal).map(({ name }) => name),
    );
  }

  /** Undoes all registrations in reverse order. A second call waits for the first and does nothing. */
  unload(): Promise<void> {
    this.#unloaded ??= this.#loader.unload().then(() => {
      this.#plugins = [];
    });
    return this.#unloaded;
  }

  /**
   * Gives the plugins their options as they are now. What cannot change while the daemon runs keeps its value and is logged.
   * @throws {OptionError} CYG_OPTION_VALUE, and nothing has changed
   */
  async reload(charon: SettingsView): Promise<void> {
    const fresh = this.#plugins.map((entry) => ({
      entry,
      options: readOptions(entry.plugin.options ?? {}, section(charon, entry), this.#warn),
    }));
    this.#charon = charon;
    for (const { entry, options } of fresh) {
      const applied = this.#keepFixed(entry, options);
      entry.context = this.#context(entry.plugin, applied, entry.context);
      await this.#reloadPlugin(entry);
    }
  }

  async #open(): Promise<void> {
    const { source, builtIn = [], defaultList = [], later = new Set<string>() } = this.#options;
    for (const plugin of builtIn) this.#add(plugin, true);
    const log = this.#options.isQuiet ? SILENT : this.#log;
    const opener = new PluginOpener({ source, log, charon: this.#charon, later });
    for (const { name, critical } of resolvePluginList(this.#charon, defaultList, this.#warn)) {
      if (this.#plugins.some((entry) => entry.plugin.name === name)) continue;
      const plugin = await opener.open(name, critical);
      if (plugin !== undefined && this.#add(plugin, critical)) continue;
      if (!critical) continue;
      const message = `loading critical plugin '${name}' failed`;
      this.#say(1, message);
      throw new PluginError("CYG_PLUGIN_CRITICAL", name, message);
    }
  }

  /** @returns whether the plugin wants to be loaded with its options */
  #add(plugin: Plugin, critical: boolean): boolean {
    const { locations } = this.#options;
    const options = readOptions(plugin.options ?? {}, this.#charon.section(["plugins", plugin.name]), this.#warn);
    try {
      const disabled = plugin.disabled?.(options);
      if (disabled !== undefined) {
        this.#log.log(LogGroup.CFG, 1, disabled);
        this.#say(1, `plugin '${plugin.name}': failed to load - ${symbol(plugin.name)}_create returned NULL`);
        return false;
      }
      const entry: PluginEntry = { plugin, critical, features: [], context: this.#context(plugin, options) };
      for (const feature of plugin.features(options)) {
        const { on = "shard" } = feature;
        const isLocal = on === "both" || locations.includes(on);
        const name = feature.provides.toString();
        const isSaidElsewhere = this.#options.isQuiet === true && on === "both";
        entry.features.push({ owner: entry, feature, name, isLocal, isSaidElsewhere, state: "declared", undo: undefined });
      }
      this.#plugins.push(entry);
    } catch (error) {
      this.#say(1, `plugin '${plugin.name}' failed to load: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
    this.#say(2, `plugin '${plugin.name}': loaded successfully`);
    return true;
  }

  /** A context holds the plugin's own container; after a reload it is handed on. */
  #context(plugin: Plugin, options: Readonly<Record<string, unknown>>, before?: PluginContext): PluginContext {
    const container = this.#options.container.createChildContainer();
    return {
      plugin: plugin.name,
      locations: this.#options.locations,
      options,
      charon: this.#charon,
      log: this.#log,
      resolve: before?.resolve ?? (<S>(token: ServiceToken<S>): S => resolveFor(plugin.name, container, token)),
      // Into the thread's container: what a plugin provides is for others.
      provide: (token, value) => provideUntilUndone(this.#options.container, token, value),
    };
  }

  #dropUnused(): void {
    for (const entry of this.#plugins) {
      if (!isInUse(entry)) this.#say(2, `unloading plugin '${entry.plugin.name}' without loaded features`);
    }
    this.#plugins = this.#plugins.filter(isInUse);
  }

  #summarize({ failed, unmet }: LoadStatistics): void {
    this.#say(1, `loaded plugins: ${this.#plugins.map(({ plugin }) => plugin.name).join(" ")}`);
    if (failed === 0) return;
    this.#say(2, `unable to load ${failed} plugin feature${failed === 1 ? "" : "s"} (${unmet} due to unmet dependencies)`);
  }

  #keepFixed({ plugin, context }: PluginEntry, fresh: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
    const table: OptionTable = plugin.options ?? {};
    const before: Readonly<Record<string, unknown>> = context.options;
    const applied: Record<string, unknown> = {};
    for (const [key, option] of Object.entries(table)) {
      const fixed = !option.reloadable && option.type !== "section";
      applied[key] = fixed ? before[key] : fresh[key];
      if (fixed && String(before[key]) !== String(fresh[key])) {
        this.#say(1, `charon.plugins.${plugin.name}.${key} changed, which takes effect after a restart`);
      }
    }
    return applied;
  }

  async #reloadPlugin({ plugin, features, context }: PluginEntry): Promise<void> {
    if (!plugin.reload || !features.some(({ isLocal, state }) => isLocal && state === "loaded")) return;
    try {
      await withinLimit(this.#timers, plugin.reload(context));
      this.#say(2, `reloaded configuration of '${plugin.name}' plugin`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#say(1, `reloading configuration of '${plugin.name}' plugin failed: ${reason}`);
    }
  }

  #say(level: number, message: string): void {
    if (!this.#options.isQuiet && this.#log.enabled(LogGroup.LIB, level)) this.#log.log(LogGroup.LIB, level, message);
  }
}

const SILENT: Logger = { enabled: () => false, log: () => undefined };

function section(charon: SettingsView, { plugin }: PluginEntry): SettingsView {
  return charon.section(["plugins", plugin.name]);
}
