/**
 * The program `swanctl`: loads swanctl.conf into a charon over its vici socket, lists what it has, and controls it.
 *
 * @packageDocumentation
 */
export { swanctlCommand } from "./swanctl-command.js";
export type { SwanctlSystem } from "./context.js";
export { SWANCTL_OPTIONS } from "./swanctl-options.js";
export { connectionData } from "./load/connection-data.js";
export type { ReadListedFile } from "./load/connection-data.js";
