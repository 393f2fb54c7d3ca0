/**
 * What the commands of `cygnet` have in common: where they write, how they end, what they make of wrong options and of Ctrl-C.
 *
 * @packageDocumentation
 */
export { CommandLineError, CommandOptions, optionWords, parseOptions, readOptionFile } from "./command-line.js";
export type { OptionRule } from "./command-line.js";
export { ExitCode } from "./exit-code.js";
export { Interruption } from "./interruption.js";
export { integer, writable } from "./option-values.js";
export { askPassphrase } from "./passphrase.js";
export { systemReason } from "./system-reason.js";
export { processTerminal, quietTerminal } from "./terminal.js";
export type { Terminal } from "./terminal.js";
export { UsageError } from "./usage-error.js";
