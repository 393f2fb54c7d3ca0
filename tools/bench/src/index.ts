/**
 * The command `cygnet bench`: what setting up IKE_SAs costs, as rows that can be compared from release to release; and the load that it makes,
 * for tests.
 *
 * @packageDocumentation
 */
export { benchCommand } from "./bench-command.js";
export { PacedClient } from "./paced/paced-client.js";
export { SpoofedFlood } from "./paced/spoofed-flood.js";
export type { Row } from "./row.js";
