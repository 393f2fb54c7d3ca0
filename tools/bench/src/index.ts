/**
 * The command `cygnet bench`: what setting up IKE_SAs costs, as rows that can be compared from release to release.
 *
 * @packageDocumentation
 */
export { benchCommand } from "./bench-command.js";
export type { Row } from "./row.js";
