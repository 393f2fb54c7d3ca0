/**
 * The `cygnet` command: `charon`, `ipsec`, `swanctl`, `load-test` and `bench`.
 *
 * @packageDocumentation
 */
export { main } from "./main.js";
export type { Terminal } from "@cygnet/command";
export { ExitCode, UsageError } from "@cygnet/command";
export { STARTER_OPTIONS } from "./ipsec/starter-options.js";
