/**
 * The `cygnet` command: `charon`, `ipsec` and `load-test`.
 *
 * @packageDocumentation
 */
export { main } from "./main.js";
export type { Terminal } from "./terminal.js";
export { ExitCode } from "./exit-code.js";
export { UsageError } from "./usage-error.js";
