/**
 * Settings from files. The only module of the package that touches the file system.
 */

import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";

import { ConfigError } from "./config-error.js";
import { glob } from "./glob.js";
import type { GlobDirectory } from "./glob.js";
import type { IncludedFile } from "./include-stack.js";
import { parseSettings } from "./parse-settings.js";
import type { ParseResult } from "./parse-settings.js";
import { decodeText } from "./text-encoding.js";

/**
 * Reads a configuration file and what it includes, as `decodeText` decodes it. Blocks while it reads, which start-up and an explicit
 * reload may.
 *
 * @throws {ConfigError} CYG_SETTINGS_OPEN if the file is missing, no regular file (a device, a directory), or cannot be read;
 * CYG_SETTINGS_SYNTAX and CYG_SETTINGS_INCLUDE_LIMIT as `parseSettings`
 */
export function loadSettings(path: string): ParseResult {
  const text = readRegularFile(path);
  if (text === undefined) throw cannotOpen(path);
  return parseSettings(text, { file: path, readInclude: readMatchingFiles });
}

/** Finds and reads included files in the file system. */
export function readMatchingFiles(pattern: string): IncludedFile[] {
  return glob(pattern, fileSystem).map((file) => ({ file, text: readRegularFile(file) }));
}

const fileSystem: GlobDirectory = {
  list(directory) {
    try {
      return readdirSync(directory);
    } catch {
      return [];
    }
  },
  exists: (path) => existsSync(path),
};

/** `undefined` for whatever reason it does not work: strongSwan treats them all alike. */
function readRegularFile(path: string): string | undefined {
  try {
    // Before it is opened: opening a named pipe would wait for a writer for ever.
    if (!statSync(path).isFile()) return undefined;
    return decodeText(readFileSync(path));
  } catch {
    return undefined;
  }
}

function cannotOpen(path: string): ConfigError {
  const at = { file: path, line: 1, column: 1 };
  if (existsSync(path)) {
    const message = `failed to open config file '${path}'`;
    return new ConfigError("CYG_SETTINGS_OPEN", message, at, [{ level: 2, message }]);
  }
  const message = `no files found matching '${path}'`;
  return new ConfigError("CYG_SETTINGS_OPEN", message, at, [{ level: 1, message }]);
}
