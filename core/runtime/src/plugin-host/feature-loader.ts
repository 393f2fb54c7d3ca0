import { LogGroup, satisfies } from "@cygnet/plugin-api";
import type { FeatureRef, Logger, MaybePromise, ReportedLocation, Undo } from "@cygnet/plugin-api";
import type { TimerSource } from "../timer-source.js";
import type { FeatureEntry, PluginEntry } from "./plugin-entry.js";
import type { PluginGuard } from "./plugin-guard.js";
import { withinLimit } from "./time-limit.js";

/** A feature that keeps the thread this long is named. Nobody waits for anything else yet, and algorithms are tested as they are registered. */
const START_BLOCK_MS = 1000;

/** For a feature that says the same on another thread. */
const SILENT: Logger = { enabled: () => false, log: () => undefined };

/** What a `FeatureLoader` works with. */
export interface FeatureLoaderOptions {
  readonly log: Logger;
  readonly timers: TimerSource;
  /** What registrations and their undos are called by. */
  readonly guard: PluginGuard;
  /** Another thread tells why features failed that it has, too, at level 1; what is critical is told by each. */
  readonly isQuiet: boolean;
  /** Another thread has them all. */
  readonly isRepeated: boolean;
}

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
  readonly #guard: PluginGuard;
  readonly #isQuiet: boolean;
  readonly #isRepeated: boolean;
  readonly #byName = new Map<string, FeatureEntry[]>();
  readonly #byType = new Map<string, FeatureEntry[]>();
  readonly #loaded: FeatureEntry[] = [];
  #failed = 0;
  #unmet = 0;
  #critical = 0;

  constructor({ log, timers, guard, isQuiet, isRepeated }: FeatureLoaderOptions) {
    this.#log = log;
    this.#timers = timers;
    this.#guard = guard;
    this.#isQuiet = isQuiet;
    this.#isRepeated = isRepeated;
  }

  /** Loads what can be loaded of these plugins, in their order. Once. */
  async load(plugins: readonly PluginEntry[]): Promise<LoadStatistics> {
    for (const plugin of plugins) this.#refuseDuplicates(plugin);
    const features = plugins.flatMap((plugin) => plugin.features).filter(({ state }) => state === "declared");
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

  /** What a plugin declares twice for the same thread is there once. Another plugin may well provide the same. */
  #refuseDuplicates({ features }: PluginEntry): void {
    for (const [at, entry] of features.entries()) {
      const isThere = features.slice(0, at).some(({ name, on }) => name === entry.name && overlap(on, entry.on));
      if (!isThere) continue;
      entry.reason = "declared twice";
      this.#sayRefused(entry, "is declared twice, the first one is used: remove the other from the plugin");
      this.#fail(entry, "failed to load");
    }
  }

  async #load(entry: FeatureEntry, path: readonly FeatureEntry[]): Promise<void> {
    if (entry.state === "loading") {
      const loop = loopText(entry, path);
      this.#say(3, `loop detected while loading ${entry.name} in plugin '${entry.owner.plugin.name}': ${loop}`);
    }
    if (entry.state !== "declared") return;
    entry.state = "loading";
    const missing = await this.#missing(entry, [...path, entry]);
    if (missing !== undefined) {
      this.#unmet++;
      const cause = this.#candidates(missing).find(({ state }) => state === "loading");
      if (cause) this.#tellCycle(entry, cause, [...path, entry]);
      entry.reason ??= `unmet dependency: ${missing.toString()}`;
      this.#fail(entry, `has unmet dependency: ${missing.toString()}`);
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

  /** A dependency that waits for what depends on it. Where it is a soft one that closes the circle, the other feature is loaded without. */
  #tellCycle(entry: FeatureEntry, cause: FeatureEntry, path: readonly FeatureEntry[]): void {
    const circle = path.slice(path.indexOf(cause));
    const isHard = circle.every((each, at) => {
      const next = circle[at + 1] ?? cause;
      return (each.feature.depends ?? []).some((needed) => satisfies(next.feature.provides, needed));
    });
    if (!isHard) return;
    const loop = loopText(cause, path);
    entry.reason = `cyclic dependency: ${loop}`;
    this.#sayRefused(entry, `has a ${entry.reason}: take one of these dependencies out of its plugin, or make it a soft one`);
  }

  /** What would satisfy a dependency, exact matches first. */
  #candidates(needed: FeatureRef): FeatureEntry[] {
    const exact = this.#byName.get(needed.toString()) ?? [];
    const compatible = (this.#byType.get(needed.type) ?? []).filter(
      (entry) => !exact.includes(entry) && satisfies(entry.feature.provides, needed),
    );
    return [...exact, ...compatible];
  }

  async #provided(needed: FeatureRef, path: readonly FeatureEntry[]): Promise<boolean> {
    let provided = false;
    for (const entry of this.#candidates(needed)) {
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
      const register = (): MaybePromise<Undo | void> => entry.feature.register(heard);
      const registered = this.#guard.watch(entry.owner.plugin.name, "register", register, {
        which: entry.name,
        blockMs: START_BLOCK_MS,
      });
      entry.undo = (await withinLimit(this.#timers, registered, discard)) ?? undefined;
      return true;
    } catch (error) {
      const isTold = this.#isQuiet && (this.#isRepeated || entry.isSaidElsewhere);
      const level = isTold && !entry.owner.critical ? 2 : 1;
      entry.reason = reason(error);
      this.#say(level, `registering ${entry.name} of plugin '${entry.owner.plugin.name}' failed: ${entry.reason}`);
      return false;
    }
  }

  async #undo(entry: FeatureEntry, undo: Undo): Promise<void> {
    try {
      await withinLimit(
        this.#timers,
        this.#guard.watch(entry.owner.plugin.name, "unregister", undo, { which: entry.name, blockMs: START_BLOCK_MS }),
      );
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

  /** A mistake of the plugin, which another thread has told as well. */
  #sayRefused({ name, owner }: FeatureEntry, what: string): void {
    this.#say(this.#isQuiet && !owner.critical ? 2 : 1, `feature ${name} in plugin '${owner.plugin.name}' ${what}`);
  }

  #say(level: number, message: string): void {
    if (this.#log.enabled(LogGroup.LIB, level)) this.#log.log(LogGroup.LIB, level, message);
  }
}

/** Whether there is a thread that has both, where control and shards have threads of their own. */
function overlap(one: ReportedLocation, other: ReportedLocation): boolean {
  return one === other || one === "both" || other === "both";
}

function loopText(entry: FeatureEntry, path: readonly FeatureEntry[]): string {
  return [...path.slice(path.indexOf(entry)), entry].map(({ name }) => name).join(" <- ");
}

function collect(map: Map<string, FeatureEntry[]>, key: string, entry: FeatureEntry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
