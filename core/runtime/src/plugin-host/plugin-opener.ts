import { LogGroup, PLUGIN_API } from "@cygnet/plugin-api";
import type { Logger, Plugin } from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import type { PluginSource } from "./plugin-source.js";

/** What a `PluginOpener` works with. */
export interface PluginOpenerOptions {
  readonly source: PluginSource;
  readonly log: Logger;
  readonly charon: SettingsView;
  /** Names that a later release brings: reported in one line, at level 1. */
  readonly later: ReadonlySet<string>;
}

/** Finds plugins by name and refuses what is none, with strongSwan's log lines. */
export class PluginOpener {
  readonly #options: PluginOpenerOptions;

  constructor(options: PluginOpenerOptions) {
    this.#options = options;
  }

  /** @returns the definition, or undefined if it cannot be used, which then was logged */
  async open(name: string, critical: boolean): Promise<Plugin | undefined> {
    const { source, charon, later } = this.#options;
    let found: { readonly exported: unknown } | undefined;
    try {
      found = await source.find({ name, package: charon.getString(["plugins", name, "package"]) });
    } catch (error) {
      this.#say(1, `plugin '${name}' failed to load: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
    if (found) return this.#check(name, found.exported);
    if (later.has(name)) this.#say(1, `plugin '${name}': failed to load - not available in this release`);
    // The line about the critical plugin follows at level 1 and says enough.
    else
      this.#say(
        critical ? 2 : 1,
        `plugin '${name}': failed to load - ${symbol(name)}_create not found and no plugin file available`,
      );
    return undefined;
  }

  #check(name: string, exported: unknown): Plugin | undefined {
    const problem = problemOf(name, exported);
    if (problem === undefined) return exported as Plugin;
    this.#say(1, `plugin '${name}': failed to load - ${problem}`);
    return undefined;
  }

  #say(level: number, message: string): void {
    this.#options.log.log(LogGroup.LIB, level, message);
  }
}

function problemOf(name: string, exported: unknown): string | undefined {
  if (typeof exported !== "object" || exported === null) return `${symbol(name)}_create not found`;
  const { name: own, api, features } = exported as Readonly<Record<string, unknown>>;
  if (typeof features !== "function") return `${symbol(name)}_create not found`;
  if (own !== name) return `the package defines plugin '${String(own)}'`;
  if (api === undefined) return `version field ${symbol(name)}_version missing`;
  if (api !== PLUGIN_API) return `plugin version ${String(api)} doesn't match version ${PLUGIN_API}`;
  return undefined;
}

/** What strongSwan calls the plugin's symbols. */
export function symbol(name: string): string {
  return `${name.replaceAll("-", "_")}_plugin`;
}
