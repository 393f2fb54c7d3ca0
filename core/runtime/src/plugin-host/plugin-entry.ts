import type { Feature, LoadedPlugin, Plugin, PluginContext, ReportedLocation, Undo } from "@cygnet/plugin-api";
import type { OptionGroup } from "../options/describe-options.js";
import type { PluginPackage } from "./package-manifest.js";

/** How far a feature is. */
export type FeatureState = "declared" | "loading" | "loaded" | "failed";

/** A feature of an opened plugin. */
export interface FeatureEntry {
  readonly owner: PluginEntry;
  readonly feature: Feature;
  /** What it provides, in strongSwan's notation. */
  readonly name: string;
  readonly on: ReportedLocation;
  /** Whether it lives on this host; others are resolved all the same, but registered where they live. */
  readonly isLocal: boolean;
  /** Another thread has the same feature, and what it logs. */
  readonly isSaidElsewhere: boolean;
  state: FeatureState;
  /** Why it failed. */
  reason?: string;
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

/** A plugin that was to be loaded: what it is where it was opened, and why it is not. */
export interface PluginRecord {
  readonly name: string;
  readonly critical: boolean;
  readonly package: PluginPackage | undefined;
  readonly entry?: PluginEntry;
  readonly reason?: string;
  /** By its own options, see `Plugin.disabled`. */
  readonly isSwitchedOff?: boolean;
}

/** Whether any feature of the plugin is loaded. */
export function isInUse(entry: PluginEntry): boolean {
  return entry.features.some(({ state }) => state === "loaded");
}

/** What a feature depends on, by name. */
export function dependsOf({ depends = [], softDepends = [] }: Feature): { readonly feature: string; readonly soft: boolean }[] {
  return [
    ...depends.map((needed) => ({ feature: needed.toString(), soft: false })),
    ...softDepends.map((needed) => ({ feature: needed.toString(), soft: true })),
  ];
}

/** The plugin as `listplugins` shows it. */
export function describePlugin({ plugin, features }: PluginEntry): LoadedPlugin {
  return {
    name: plugin.name,
    features: features.map(({ name, feature, state }) => ({
      feature: name,
      loaded: state === "loaded",
      depends: dependsOf(feature),
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
