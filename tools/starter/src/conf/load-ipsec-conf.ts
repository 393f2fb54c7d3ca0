/**
 * From a file name to the typed configuration.
 */

import { NODE_CONF_FILES } from "./conf-files.js";
import type { ConfFiles } from "./conf-files.js";
import type { ConfMessage } from "./conf-message.js";
import { parseIpsecConf } from "./conf-parser.js";
import { resolveInheritance } from "./inheritance.js";
import { interpret } from "./interpret.js";
import { IpsecConfError } from "./ipsec-conf-error.js";
import { systemNames } from "./name-database.js";
import type { NameDatabase } from "./name-database.js";
import type { StarterConfig } from "./starter-config.js";

/** Where {@link loadIpsecConf} gets files and names from; unset: from the system. */
export interface LoadOptions {
  readonly files?: ConfFiles;
  readonly names?: NameDatabase;
}

/** A configuration and everything there was to say about it. */
export interface LoadedConf {
  /** Without the sections that have errors. Use it only if `fatal` is 0. */
  readonly config: StarterConfig;
  /** In the order of strongSwan's log lines. */
  readonly messages: readonly ConfMessage[];
  readonly errors: number;
  /** Errors in `config setup`; if there are any, the daemon is not to be started and a running one keeps what it has. */
  readonly fatal: number;
  /** All files read, the main one first: whoever watches for changes watches these. */
  readonly files: readonly string[];
}

/**
 * Reads and interprets ipsec.conf with its includes.
 *
 * @throws {IpsecConfError} if it cannot be read or parsed, or has a dangling `also`; `messages` of the error has all log lines
 */
export function loadIpsecConf(file: string, options: LoadOptions = {}): LoadedConf {
  const messages: ConfMessage[] = [];
  try {
    const raw = parseIpsecConf(file, options.files ?? NODE_CONF_FILES, messages);
    const { config, errors, fatal } = interpret(resolveInheritance(raw, messages), options.names ?? systemNames(), messages);
    return { config, messages, errors, fatal, files: raw.files };
  } catch (error) {
    if (error instanceof IpsecConfError) error.messages = [...messages, ...errorLines(error, file)];
    throw error;
  }
}

/** What the log says about a broken file; dangling references were told when they were found. */
function errorLines(error: IpsecConfError, mainFile: string): ConfMessage[] {
  if (error.code === "CYG_IPSEC_CONF_REFERENCE") return [];
  const { file, line, message } = error;
  const lines: ConfMessage[] = [{ file, line, level: "error", text: message }];
  if (error.code !== "CYG_IPSEC_CONF_READ" || file !== mainFile || line > 0) {
    lines.push({ file: mainFile, line: 0, level: "error", text: `invalid config file '${mainFile}'` });
  }
  return lines;
}
