import type { SettingsView } from "@cygnet/settings";
import { PluginError } from "./error.js";
import type { FeatureRef } from "./feature.js";
import type { MaybePromise } from "./job.js";
import type { Logger } from "./log.js";
import type { OptionTable, OptionValues } from "./option.js";
import type { ServiceToken } from "./token.js";

/** Major version of this contract. A plugin of another one is refused. */
export const PLUGIN_API = 1;

/**
 * Version of this contract, major and minor. A minor one only adds: a plugin that was written for an older one works as it did.
 */
export const PLUGIN_API_VERSION = "1.1";

/** Undoes a registration; called at unload in reverse order, at most once. */
export type Undo = () => MaybePromise<void>;

/** A part of the daemon that a feature lives in. */
export type FeatureLocation = "shard" | "control";

/** What a feature gets when it is registered. */
export interface PluginContext<T extends OptionTable = OptionTable> {
  /** The plugin's name. */
  readonly plugin: string;
  /** What this thread is; both in a daemon of one shard, which has no other. */
  readonly locations: readonly FeatureLocation[];
  /** The plugin's options, read from `charon.plugins.NAME`. */
  readonly options: OptionValues<T>;
  /** The whole `charon` section, for options that are not the plugin's own. */
  readonly charon: SettingsView;
  readonly log: Logger;
  /**
   * Settles when all plugins of this thread are loaded, for what needs those that come later: a connection, for instance, is checked against the algorithms
   * that there are. `register` must not wait for it.
   */
  readonly ready: Promise<void>;
  /** Resolves a service by its token. @throws {PluginError} CYG_PLUGIN_SERVICE when the core has no such service here */
  resolve<S>(token: ServiceToken<S>): S;
  /**
   * Makes a service of the plugin's own available to the core and to other plugins of this thread, under its token. Where there is one
   * already, this one is resolved until its undo; the undo belongs into that of the feature.
   */
  provide<S>(token: ServiceToken<S>, value: S): () => void;
}

/**
 * Something a plugin provides. Declaring it does nothing; `register` acts when all `depends` are met, and returns its undo.
 */
export interface Feature<T extends OptionTable = OptionTable> {
  readonly provides: FeatureRef;
  /** Each must be provided by a loaded feature, or this one does not load. */
  readonly depends?: readonly FeatureRef[];
  /** Loaded before this one where available. */
  readonly softDepends?: readonly FeatureRef[];
  /**
   * Where the feature lives: on every shard (sockets, kernel access, bus listeners; the default), once, on control (control sockets, pools,
   * backends), or on every thread (algorithms; what has a part on shards and one on control, and looks at `locations`).
   */
  readonly on?: FeatureLocation | "both";
  /** At most 10 s, else the feature fails with the plugin's name. */
  register(context: PluginContext<T>): MaybePromise<Undo | void>;
}

/** A plugin: a value with a strongSwan plugin name. */
export interface Plugin<T extends OptionTable = OptionTable> {
  readonly name: string;
  /**
   * The version of the contract that it was written for: `"1.1"`, a text of its own and not `PLUGIN_API_VERSION`, which names what is
   * installed. A number is a major version: all of its minor ones will do.
   */
  readonly api: number | string;
  /** Options below `charon.plugins.NAME`. A key in capitals, such as `NUMBER`, stands for any: they are read by `context.charon`. */
  readonly options?: T;
  /** Options of the daemon's section that the plugin reads by `context.charon`: for documentation, and so that nobody reports them as unknown. */
  readonly charonOptions?: OptionTable;
  /** A reason not to load with these options, for plugins that must be switched on. */
  disabled?(options: OptionValues<T>): string | undefined;
  /** May depend on the options. */
  features(options: OptionValues<T>): readonly Feature<T>[];
  /** Applies changed options after a reload of strongswan.conf. */
  reload?(context: PluginContext<T>): MaybePromise<void>;
}

/**
 * Checks and types a plugin definition; the package's default export.
 * @throws {PluginError} CYG_PLUGIN_DEFINITION for a name that strongswan.conf could not hold
 */
export function definePlugin<T extends OptionTable>(plugin: Plugin<T>): Plugin<T> {
  if (!/^[a-z0-9][a-z0-9_-]*$/i.test(plugin.name)) {
    throw new PluginError("CYG_PLUGIN_DEFINITION", plugin.name, `'${plugin.name}' is no plugin name`);
  }
  return plugin;
}
