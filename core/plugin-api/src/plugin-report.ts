import type { FeatureLocation } from "./plugin.js";

/** Where a feature lives: see `Feature.on`. */
export type ReportedLocation = FeatureLocation | "both";

/** What became of one feature. Plain data, as all of a report. */
export interface FeatureReport {
  /** In strongSwan's notation. */
  readonly feature: string;
  readonly on: ReportedLocation;
  readonly loaded: boolean;
  /** Why it is not loaded. */
  readonly reason?: string;
  readonly depends: readonly { readonly feature: string; readonly soft: boolean }[];
}

/** One option of a plugin as it is in force. */
export interface OptionReport {
  /** From the daemon's section on: `charon.plugins.NAME.KEY`, or `charon.KEY` for those that the plugin reads there. */
  readonly key: string;
  /** As strongswan.conf would say it; unset where there is none. Secrets are not told. */
  readonly value?: string;
  /** What it will be after a restart, where a reload could not apply a change. */
  readonly afterRestart?: string;
  /** `FILE:LINE`; unset for a default. */
  readonly place?: string;
  readonly reloadable: boolean;
}

/** A plugin that was to be loaded, and what became of it. */
export interface PluginReport {
  readonly name: string;
  /** Of its package. Unset for what is built in or could not be found. */
  readonly version?: string;
  readonly description?: string;
  /** Marked with `!`. */
  readonly critical: boolean;
  /** Loaded with at least one feature. */
  readonly loaded: boolean;
  /** Why it is not loaded, or why nothing of it is. */
  readonly reason?: string;
  /** It must be switched on by its options, and is not; no fault then. */
  readonly isSwitchedOff?: boolean;
  readonly features: readonly FeatureReport[];
  readonly options: readonly OptionReport[];
}
