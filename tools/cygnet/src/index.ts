/**
 * The `cygnet` command: `charon`, `ipsec` and `load-test`.
 *
 * @packageDocumentation
 */
export { main } from "./main.js";
export type { Terminal } from "./terminal.js";
export { ExitCode } from "./exit-code.js";
export { STARTER_OPTIONS } from "./ipsec/starter-options.js";
export { UsageError } from "./usage-error.js";
