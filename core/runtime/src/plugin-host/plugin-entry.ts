import type { Feature, LoadedPlugin, Plugin, PluginContext, Undo } from "@cygnet/plugin-api";
import type { OptionGroup } from "../options/describe-options.js";

/** How far a feature is. */
export type FeatureState = "declared" | "loading" | "loaded" | "failed";

/** A feature of an opened plugin. */
export interface FeatureEntry {
  readonly owner: PluginEntry;
  readonly feature: Feature;
  /** What it provides, in strongSwan's notation. */
  readonly name: string;
  /** Whether it lives on this host; others are resolved all the same, but registered where they live. */
  readonly isLocal: boolean;
  /** Another thread has the same feature, and what it logs. */
  readonly isSaidElsewhere: boolean;
  state: FeatureState;
  undo: Undo | undefined;
}

/** An opened plugin. */
export interface PluginEntry {
  readonly plugin: Plugin;
  readonly critical: boolean;
  readonly features: FeatureEntry[];
  /** Replaced when the options are reloaded. */
  context: PluginContext;
}

/** Whether any feature of the plugin is loaded. */
export function isInUse(entry: PluginEntry): boolean {
  return entry.features.some(({ state }) => state === "loaded");
}

/** The plugin as `listplugins` shows it. */
export function describePlugin({ plugin, features }: PluginEntry): LoadedPlugin {
  return {
    name: plugin.name,
    features: features.map(({ name, feature, state }) => ({
      feature: name,
      loaded: state === "loaded",
      depends: [
        ...(feature.depends ?? []).map((needed) => ({ feature: needed.toString(), soft: false })),
        ...(feature.softDepends ?? []).map((needed) => ({ feature: needed.toString(), soft: true })),
      ],
    })),
  };
}

/** A plugin's options, by the sections they stand in. */
export function pluginOptionGroups({ name, options = {}, charonOptions = {} }: Plugin): OptionGroup[] {
  return [
    { section: `charon.plugins.${name}`, options },
    { section: "charon", options: charonOptions },
  ];
}
