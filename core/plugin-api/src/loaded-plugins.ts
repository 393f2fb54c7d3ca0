import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/** One provided feature of a loaded plugin, for `listplugins`. */
export interface LoadedFeature {
  readonly feature: string;
  readonly loaded: boolean;
  readonly depends: readonly { readonly feature: string; readonly soft: boolean }[];
}

/** A plugin that has at least one loaded feature. */
export interface LoadedPlugin {
  readonly name: string;
  readonly features: readonly LoadedFeature[];
}

/** The plugin host's answer to "what is loaded?". */
export interface LoadedPlugins {
  list(): readonly LoadedPlugin[];
}

export const LoadedPlugins: ServiceToken<LoadedPlugins> = serviceToken("LoadedPlugins");
