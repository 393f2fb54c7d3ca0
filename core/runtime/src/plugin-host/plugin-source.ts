import type { PluginPackage } from "./package-manifest.js";

/** What a source knows of a plugin. */
export interface PluginRequest {
  readonly name: string;
  /** `charon.plugins.NAME.package`: a package, or a path. */
  readonly package: string | undefined;
}

/** A plugin that was found. */
export interface FoundPlugin {
  /** The module's default export, whatever that is. */
  readonly exported: unknown;
  /** Unset for a module that is in no package. */
  readonly package?: PluginPackage;
}

/** Finds plugins by name. */
export interface PluginSource {
  /** @returns undefined if there is no such plugin. A plugin that exists but cannot be loaded rejects. */
  find(request: PluginRequest): Promise<FoundPlugin | undefined>;
  /** The package of a plugin that is there, whether or not it can be loaded; undefined where there is none. */
  describe?(request: PluginRequest): PluginPackage | undefined;
}
