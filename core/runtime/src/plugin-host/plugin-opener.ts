import { LogGroup } from "@cygnet/plugin-api";
import type { Logger, Plugin } from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import type { TimerSource } from "../timer-source.js";
import type { PluginPackage } from "./package-manifest.js";
import { definitionFault, importFault } from "./plugin-fault.js";
import type { PluginRequest, PluginSource } from "./plugin-source.js";
import { symbol } from "./plugin-symbol.js";
import { withinLimit } from "./time-limit.js";

/** What a `PluginOpener` works with. */
export interface PluginOpenerOptions {
  readonly source: PluginSource;
  readonly log: Logger;
  readonly charon: SettingsView;
  /** Names that a later release brings: reported in one line, at level 1. */
  readonly later: ReadonlySet<string>;
  readonly timers: TimerSource;
}

/** A plugin, or why there is none, which then was logged. */
export type OpenedPlugin = { readonly package?: PluginPackage | undefined } & (
  { readonly plugin: Plugin } | { readonly plugin?: undefined; readonly reason: string }
);

/** Finds plugins by name and refuses what is none, with strongSwan's log lines. */
export class PluginOpener {
  readonly #options: PluginOpenerOptions;

  constructor(options: PluginOpenerOptions) {
    this.#options = options;
  }

  async open(name: string, critical: boolean): Promise<OpenedPlugin> {
    const { source, charon, later, timers } = this.#options;
    const request = { name, package: charon.getString(["plugins", name, "package"]) };
    try {
      // A module may wait for something at its top level.
      const found = await withinLimit(timers, source.find(request));
      if (!found) return this.#absent(name, critical, later.has(name));
      const fault = definitionFault(name, found.exported);
      if (fault === undefined) return { plugin: found.exported as Plugin, package: found.package };
      this.#say(1, `plugin '${name}': failed to load - ${fault}`);
      return { reason: fault, package: found.package };
    } catch (error) {
      const reason = importFault(error);
      this.#say(1, `plugin '${name}' failed to load: ${reason}`);
      return { reason, package: this.#describe(request) };
    }
  }

  #absent(name: string, critical: boolean, isLater: boolean): OpenedPlugin {
    if (isLater) {
      this.#say(1, `plugin '${name}': failed to load - not available in this release`);
      return { reason: "not available in this release" };
    }
    // The line about the critical plugin follows at level 1 and says enough.
    this.#say(
      critical ? 2 : 1,
      `plugin '${name}': failed to load - ${symbol(name)}_create not found and no plugin file available`,
    );
    return { reason: "not installed" };
  }

  #describe(request: PluginRequest): PluginPackage | undefined {
    try {
      return this.#options.source.describe?.(request);
    } catch {
      // What is wrong with the package is the reason already.
      return undefined;
    }
  }

  #say(level: number, message: string): void {
    this.#options.log.log(LogGroup.LIB, level, message);
  }
}
