/**
 * `cygnet plugin new`: a package to begin a plugin with.
 *
 * @packageDocumentation
 */
export { KINDS } from "./kinds.js";
export type { PluginKind } from "./kinds.js";
export { TOOL_VERSIONS, packageFiles } from "./package-files.js";
export type { PackageRequest } from "./package-files.js";
export { pluginCommand } from "./plugin-command.js";
