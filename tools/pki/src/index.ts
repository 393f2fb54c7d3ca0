/**
 * The program `pki`: makes keys, certificates, requests and CRLs, prints and verifies them.
 *
 * @packageDocumentation
 */
export { pkiCommand } from "./pki-command.js";
export type { PkiSystem } from "./pki-system.js";
