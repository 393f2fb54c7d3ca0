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
  const content = readRegularFile(path);
  if ("reason" in content) throw cannotOpen(path, content.reason);
  return parseSettings(content.text, { file: path, readInclude: readMatchingFiles });
}

/** Finds and reads included files in the file system. */
export function readMatchingFiles(pattern: string): IncludedFile[] {
  return glob(pattern, fileSystem).map((file) => {
    const content = readRegularFile(file);
    return { file, text: "text" in content ? content.text : undefined };
  });
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

/** strongSwan treats all reasons alike; whoever mends the file wants to know. */
function readRegularFile(path: string): { readonly text: string } | { readonly reason: string } {
  try {
    // Before it is opened: opening a named pipe would wait for a writer for ever.
    if (!statSync(path).isFile()) return { reason: "it is no regular file" };
    return { text: decodeText(readFileSync(path)) };
  } catch (error) {
    return { reason: (error as Error).message };
  }
}

function cannotOpen(path: string, reason: string): ConfigError {
  const at = { file: path, line: 1, column: 1 };
  if (existsSync(path)) {
    const message = `failed to open config file '${path}'`;
    return new ConfigError("CYG_SETTINGS_OPEN", `${message}: ${reason}`, at, [{ level: 2, message }]);
  }
  const message = `no files found matching '${path}'`;
  return new ConfigError("CYG_SETTINGS_OPEN", message, at, [{ level: 1, message }]);
}
