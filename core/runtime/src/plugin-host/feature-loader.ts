import { LogGroup, satisfies } from "@cygnet/plugin-api";
import type { FeatureRef, Logger, MaybePromise, Undo } from "@cygnet/plugin-api";
import type { TimerSource } from "../timer-source.js";
import type { FeatureEntry, PluginEntry } from "./plugin-entry.js";
import { withinLimit } from "./time-limit.js";

/** For a feature that says the same on another thread. */
const SILENT: Logger = { enabled: () => false, log: () => undefined };

/** What became of the features that did not load. */
export interface LoadStatistics {
  readonly failed: number;
  /** Those of `failed` that lacked something they depend on. */
  readonly unmet: number;
  /** Those of `failed` that belong to critical plugins. */
  readonly critical: number;
}

/**
 * Loads features, each after what it depends on: all matching features of all plugins are tried, exact matches before compatible ones.
 * Log lines and levels are strongSwan's.
 */
export class FeatureLoader {
  readonly #log: Logger;
  readonly #timers: TimerSource;
  /** Another thread has told why, at level 1; what is critical is told by each. */
  readonly #isQuiet: boolean;
  readonly #byName = new Map<string, FeatureEntry[]>();
  readonly #byType = new Map<string, FeatureEntry[]>();
  readonly #loaded: FeatureEntry[] = [];
  #failed = 0;
  #unmet = 0;
  #critical = 0;

  constructor(log: Logger, timers: TimerSource, isQuiet = false) {
    this.#log = log;
    this.#timers = timers;
    this.#isQuiet = isQuiet;
  }

  /** Loads what can be loaded of these plugins, in their order. Once. */
  async load(plugins: readonly PluginEntry[]): Promise<LoadStatistics> {
    const features = plugins.flatMap((plugin) => plugin.features);
    for (const entry of features) {
      collect(this.#byName, entry.name, entry);
      collect(this.#byType, entry.feature.provides.type, entry);
    }
    for (const entry of features) await this.#load(entry, []);
    return { failed: this.#failed, unmet: this.#unmet, critical: this.#critical };
  }

  /** What is loaded, in the order of its registration. */
  get loaded(): readonly FeatureEntry[] {
    return this.#loaded;
  }

  /** Undoes all registrations, the last one first, each once. What fails is logged and does not keep others from being undone. */
  async unload(): Promise<void> {
    for (let entry = this.#loaded.pop(); entry !== undefined; entry = this.#loaded.pop()) {
      entry.state = "declared";
      const undo = entry.undo;
      entry.undo = undefined;
      if (undo) await this.#undo(entry, undo);
    }
  }

  async #load(entry: FeatureEntry, path: readonly FeatureEntry[]): Promise<void> {
    if (entry.state === "loading") {
      const loop = [...path.slice(path.indexOf(entry)), entry].map(({ name }) => name).join(" <- ");
      this.#say(3, `loop detected while loading ${entry.name} in plugin '${entry.owner.plugin.name}': ${loop}`);
    }
    if (entry.state !== "declared") return;
    entry.state = "loading";
    const missing = await this.#missing(entry, [...path, entry]);
    if (missing !== undefined) {
      this.#unmet++;
      entry.reason = `unmet dependency: ${missing.toString()}`;
      this.#fail(entry, `has ${entry.reason}`);
    } else if (await this.#register(entry)) {
      entry.state = "loaded";
      this.#loaded.push(entry);
    } else {
      this.#fail(entry, "failed to load");
    }
  }

  /** Loads what the feature depends on. @returns the first hard dependency that nothing satisfies */
  async #missing(entry: FeatureEntry, path: readonly FeatureEntry[]): Promise<FeatureRef | undefined> {
    const { depends = [], softDepends = [] } = entry.feature;
    for (const needed of depends) if (!(await this.#provided(needed, path))) return needed;
    for (const needed of softDepends) {
      if (await this.#provided(needed, path)) continue;
      this.#say(
        3,
        `feature ${entry.name} in plugin '${entry.owner.plugin.name}' has unmet soft dependency: ${needed.toString()}`,
      );
    }
    return undefined;
  }

  async #provided(needed: FeatureRef, path: readonly FeatureEntry[]): Promise<boolean> {
    const exact = this.#byName.get(needed.toString()) ?? [];
    const compatible = (this.#byType.get(needed.type) ?? []).filter(
      (entry) => !exact.includes(entry) && satisfies(entry.feature.provides, needed),
    );
    let provided = false;
    for (const entry of [...exact, ...compatible]) {
      await this.#load(entry, path);
      provided ||= entry.state === "loaded";
    }
    return provided;
  }

  async #register(entry: FeatureEntry): Promise<boolean> {
    if (!entry.isLocal) return true;
    const discard = (undo: Undo | void): void => {
      if (undo) void this.#undo(entry, undo);
    };
    try {
      const { context } = entry.owner;
      const heard = entry.isSaidElsewhere ? { ...context, log: SILENT } : context;
      const registered = entry.feature.register(heard) as MaybePromise<Undo | void>;
      entry.undo = (await withinLimit(this.#timers, registered, discard)) ?? undefined;
      return true;
    } catch (error) {
      const level = this.#isQuiet && !entry.owner.critical ? 2 : 1;
      entry.reason = reason(error);
      this.#say(level, `registering ${entry.name} of plugin '${entry.owner.plugin.name}' failed: ${entry.reason}`);
      return false;
    }
  }

  async #undo(entry: FeatureEntry, undo: Undo): Promise<void> {
    try {
      await withinLimit(this.#timers, undo());
    } catch (error) {
      this.#say(1, `unloading ${entry.name} of plugin '${entry.owner.plugin.name}' failed: ${reason(error)}`);
    }
  }

  #fail(entry: FeatureEntry, what: string): void {
    entry.state = "failed";
    this.#failed++;
    const { plugin, critical } = entry.owner;
    if (critical) this.#critical++;
    this.#say(critical ? 1 : 2, `feature ${entry.name} in ${critical ? "critical " : ""}plugin '${plugin.name}' ${what}`);
  }

  #say(level: number, message: string): void {
    if (this.#log.enabled(LogGroup.LIB, level)) this.#log.log(LogGroup.LIB, level, message);
  }
}

function collect(map: Map<string, FeatureEntry[]>, key: string, entry: FeatureEntry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
