import { LogGroup, PluginError } from "@cygnet/plugin-api";
import type {
  Feature,
  FeatureLocation,
  LoadedPlugin,
  LoadedPlugins,
  Logger,
  OptionTable,
  Plugin,
  PluginContext,
  PluginReport,
  ServiceToken,
} from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import { provideUntilUndone, resolveFor } from "../container.js";
import type { Container } from "../container.js";
import type { OptionGroup } from "../options/describe-options.js";
import { fixedChanges } from "../options/changed-options.js";
import { OptionError } from "../options/option-error.js";
import { readOptions } from "../options/read-options.js";
import { NodeTimers } from "../timer-source.js";
import type { TimerSource } from "../timer-source.js";
import { FeatureLoader } from "./feature-loader.js";
import type { LoadStatistics } from "./feature-loader.js";
import { describePlugin, isInUse, pluginOptionGroups } from "./plugin-entry.js";
import type { FeatureEntry, PluginEntry, PluginRecord } from "./plugin-entry.js";
import { featuresFault } from "./plugin-fault.js";
import { PluginGuard } from "./plugin-guard.js";
import { resolvePluginList } from "./plugin-list.js";
import { PluginOpener } from "./plugin-opener.js";
import type { OpenedPlugin } from "./plugin-opener.js";
import { reportPlugin } from "./plugin-report.js";
import { PluginServices } from "./plugin-services.js";
import type { PluginSource } from "./plugin-source.js";
import { symbol } from "./plugin-symbol.js";
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
  /** What plugins are called by; one without a profile if not set. */
  readonly guard?: PluginGuard;
  /** The host of another thread tells about the plugins; this one only of features that live here. */
  readonly isQuiet?: boolean;
  /** For a quiet one: whether it also leaves features of its own kind of thread to another. Of several shards, the first one tells. */
  readonly isRepeated?: boolean;
  /** Only finds out what would be loaded: plugins are opened and features resolved, but none is registered. */
  readonly isRehearsal?: boolean;
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
  readonly #guard: PluginGuard;
  readonly #loader: FeatureLoader;
  readonly #warn = (message: string): void => this.#say(1, message);
  #charon: SettingsView;
  #plugins: PluginEntry[] = [];
  readonly #records: PluginRecord[] = [];
  readonly #refusals: string[] = [];
  #unloaded: Promise<void> | undefined;
  #beReady: () => void = () => undefined;
  readonly #ready = new Promise<void>((resolve) => (this.#beReady = resolve));

  constructor(options: PluginHostOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#timers = options.timers ?? new NodeTimers();
    this.#guard = options.guard ?? new PluginGuard({ log: options.log, timers: this.#timers });
    const { log, isQuiet = false, isRepeated = false } = options;
    this.#loader = new FeatureLoader({ log, timers: this.#timers, guard: this.#guard, isQuiet, isRepeated });
    this.#charon = options.charon;
  }

  /**
   * Opens and loads everything. Once. If it throws, nothing stays registered.
   *
   * @throws {PluginError} CYG_PLUGIN_CRITICAL when a critical plugin or one of its features is missing, after it was logged
   * @throws {OptionError} CYG_OPTION_VALUE for an unusable option of a critical plugin, and of the list itself
   */
  async load(): Promise<void> {
    await this.#open();
    const statistics = await this.#loader.load(this.#plugins);
    if (statistics.critical > 0) {
      const message = `failed to load ${statistics.critical} critical plugin feature${statistics.critical === 1 ? "" : "s"}`;
      this.#say(1, message);
      if (this.#options.isRehearsal !== true) await this.unload();
      this.#refuse(new PluginError("CYG_PLUGIN_CRITICAL", "", message));
    }
    this.#dropUnused();
    this.#summarize(statistics);
    this.#beReady();
  }

  list(): readonly LoadedPlugin[] {
    return this.#plugins.map(describePlugin);
  }

  /** All plugins that were to be loaded, in their order. */
  report(): PluginReport[] {
    return this.#records.map((record) => reportPlugin(record, this.#charon));
  }

  /** The features that are loaded, in the order in which they were. */
  loadOrder(): { readonly plugin: string; readonly feature: string }[] {
    return this.#loader.loaded.map(({ owner, name }) => ({ plugin: owner.plugin.name, feature: name }));
  }

  /** In a rehearsal, why the daemon would not start. */
  get refusals(): readonly string[] {
    return this.#refusals;
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
    // A list that cannot be read is a mistake, too.
    resolvePluginList(charon, this.#options.defaultList ?? []);
    this.#charon = charon;
    this.#tellListChanges();
    for (const { entry, options } of fresh) {
      const applied = this.#keepFixed(entry, options);
      entry.context = this.#context(entry.plugin, applied, entry.context);
      await this.#reloadPlugin(entry);
    }
  }

  async #open(): Promise<void> {
    const { source, builtIn = [], defaultList = [], later = new Set<string>() } = this.#options;
    for (const plugin of builtIn) this.#records.push(this.#add({ plugin }, plugin.name, true));
    const log = this.#options.isQuiet ? SILENT : this.#log;
    const opener = new PluginOpener({ source, log, charon: this.#charon, later, timers: this.#timers });
    for (const { name, critical } of resolvePluginList(this.#charon, defaultList, this.#warn)) {
      if (this.#plugins.some((entry) => entry.plugin.name === name)) continue;
      const record = this.#add(await opener.open(name, critical), name, critical);
      this.#records.push(record);
      if (record.entry !== undefined || !critical) continue;
      const message = `loading critical plugin '${name}' failed`;
      this.#say(1, message);
      this.#refuse(new PluginError("CYG_PLUGIN_CRITICAL", name, message));
    }
  }

  /** What a start ends with. A rehearsal goes on, to find all there is. */
  #refuse(error: Error): void {
    if (this.#options.isRehearsal !== true) throw error;
    this.#refusals.push(error.message);
  }

  /** Takes an opened plugin in, if it wants to be loaded with its options. */
  #add(opened: OpenedPlugin, name: string, critical: boolean): PluginRecord {
    const refused = (reason: string): PluginRecord => ({ name, critical, package: opened.package, reason });
    const { plugin } = opened;
    if (plugin === undefined) return refused(opened.reason);
    try {
      const options = readOptions(plugin.options ?? {}, this.#charon.section(["plugins", name]), this.#warn);
      const disabled = plugin.disabled?.(options);
      if (disabled !== undefined) {
        if (!this.#options.isQuiet) this.#log.log(LogGroup.CFG, 1, disabled);
        this.#say(1, `plugin '${name}': failed to load - ${symbol(name)}_create returned NULL`);
        return { ...refused(disabled), isSwitchedOff: true };
      }
      const entry: PluginEntry = { plugin, critical, features: [], context: this.#context(plugin, options) };
      const features: readonly Feature[] = plugin.features(options);
      const fault = featuresFault(features);
      if (fault !== undefined) throw new PluginError("CYG_PLUGIN_DEFINITION", name, fault);
      for (const feature of features) entry.features.push(this.#entry(entry, feature));
      this.#plugins.push(entry);
      this.#say(2, `plugin '${name}': loaded successfully`);
      return { name, critical, package: opened.package, entry };
    } catch (error) {
      // The daemon would end for it anyway, and this has file and line.
      if (error instanceof OptionError && critical) this.#refuse(error);
      const remedy = error instanceof OptionError ? `; correct it, or take ${name} out of the plugins to load` : "";
      const reason = `${error instanceof Error ? error.message : String(error)}${remedy}`;
      this.#say(1, `plugin '${name}' failed to load: ${reason}`);
      return refused(reason);
    }
  }

  #entry(owner: PluginEntry, feature: Feature): FeatureEntry {
    const { locations, isRehearsal, isQuiet } = this.#options;
    const { on = "shard" } = feature;
    return {
      owner,
      feature,
      name: feature.provides.toString(),
      on,
      isLocal: isRehearsal !== true && (on === "both" || locations.includes(on)),
      isSaidElsewhere: isQuiet === true && on === "both",
      state: "declared",
      undo: undefined,
    };
  }

  /** A context holds the plugin's own container; after a reload it is handed on. */
  #context(plugin: Plugin, options: Readonly<Record<string, unknown>>, before?: PluginContext): PluginContext {
    const container = this.#options.container.createChildContainer();
    const services = new PluginServices(plugin.name, this.#guard);
    return {
      plugin: plugin.name,
      locations: this.#options.locations,
      options,
      charon: this.#charon,
      log: this.#log,
      ready: this.#ready,
      resolve:
        before?.resolve ?? (<S>(token: ServiceToken<S>): S => services.of(token, resolveFor(plugin.name, container, token))),
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
        this.#sayRestart(`charon.plugins.${plugin.name}.${key} changed`);
      }
    }
    const sections = Object.entries(table).filter(([, { type }]) => type === "section");
    const start = this.#options.charon;
    const others = [
      ...fixedChanges(
        Object.fromEntries(sections),
        start.section(["plugins", plugin.name]),
        this.#charon.section(["plugins", plugin.name]),
      ),
      ...fixedChanges(plugin.charonOptions ?? {}, start, this.#charon),
    ];
    for (const key of others) this.#sayRestart(`${key} changed`);
    return applied;
  }

  /** Plugins are loaded at the start only. */
  #tellListChanges(): void {
    const listOf = (charon: SettingsView): string[] =>
      resolvePluginList(charon, this.#options.defaultList ?? []).map(({ name }) => name);
    const before = listOf(this.#options.charon);
    const now = listOf(this.#charon);
    for (const name of now) if (!before.includes(name)) this.#sayRestart(`plugin '${name}' is to be loaded now`);
    for (const name of before) if (!now.includes(name)) this.#sayRestart(`plugin '${name}' is not to be loaded any more`);
  }

  #sayRestart(what: string): void {
    this.#say(1, `${what}, which takes effect after a restart`);
  }

  async #reloadPlugin({ plugin, features, context }: PluginEntry): Promise<void> {
    if (!plugin.reload || !features.some(({ isLocal, state }) => isLocal && state === "loaded")) return;
    try {
      const { reload } = plugin;
      await withinLimit(
        this.#timers,
        this.#guard.watch(plugin.name, "reload", () => reload.call(plugin, context)),
      );
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
