import type { PluginReport } from "@cygnet/plugin-api";
import type { InstalledPlugin } from "@cygnet/runtime";

/** What is to be said of a plugin at the moment. */
export type PluginState = "loaded" | "failed" | "off" | "installed";

/** A plugin that was to be loaded, or could be. */
export interface PluginRow extends PluginReport {
  /** `off`: it has to be switched on by its options; `installed`: nobody asked for it. */
  readonly state: PluginState;
}

/** Those that were to be loaded, in their order, then those that are only installed. */
export function pluginRows(reports: readonly PluginReport[], installed: readonly InstalledPlugin[]): PluginRow[] {
  const named = new Set(reports.map(({ name }) => name));
  return [
    ...reports.map((report) => ({ state: stateOf(report), ...report })),
    ...installed
      .filter(({ name }) => !named.has(name))
      .map(({ name, package: { version, description } }) => ({
        state: "installed" as const,
        name,
        ...(version !== undefined && { version }),
        ...(description !== undefined && { description }),
        critical: false,
        loaded: false,
        features: [],
        options: [],
      })),
  ];
}

function stateOf({ loaded, isSwitchedOff }: PluginReport): PluginState {
  return loaded ? "loaded" : isSwitchedOff === true ? "off" : "failed";
}

/** Where the features of a plugin live. */
export function threadsOf({ features }: PluginReport): string {
  const where = new Set(features.map(({ on }) => on));
  if (where.size === 0) return "";
  if (where.size > 1 || where.has("both")) return "all threads";
  return where.has("control") ? "control" : "shards";
}
