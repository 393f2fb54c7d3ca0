/** What a source knows of a plugin. */
export interface PluginRequest {
  readonly name: string;
  /** `charon.plugins.NAME.package`: a package, or a path. */
  readonly package: string | undefined;
}

/**
 * Finds plugins by name.
 *
 * @returns the module's default export, whatever that is, or undefined if there is no such plugin. A plugin that exists but cannot be
 * loaded rejects.
 */
export interface PluginSource {
  find(request: PluginRequest): Promise<{ readonly exported: unknown } | undefined>;
}
