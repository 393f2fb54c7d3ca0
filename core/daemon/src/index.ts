/**
 * The daemon put together: control, shards, the link between them.
 *
 * @packageDocumentation
 */
export * from "./options/charon-options.js";
export { OTHER_PROGRAMS, STRONGSWAN_OPTIONS } from "./options/strongswan-names.js";
export { CORE_PARTS, corePart } from "./core-parts.js";
export * from "./daemon.js";
export * from "./link.js";
export * from "./pid-file.js";
export * from "./plugin-names.js";
export * from "./privileges.js";
export * from "./rehearsal.js";
export * from "./version.js";
