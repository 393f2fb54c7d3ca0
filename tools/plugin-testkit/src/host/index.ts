/** A daemon in memory that loads plugins with settings, by the plugin host of the real one. */
export { PluginSide } from "./plugin-side.js";
export { TestHost, testHost } from "./test-host.js";
export type { TestHostOptions } from "./test-host.js";
