/**
 * How code names a key or a section.
 */

import { ConfigError } from "./config-error.js";

/**
 * A path: dotted (`charon.plugins.x`, empty parts are ignored), or a list of names for those that contain a dot themselves
 * (`["charon", "filelog", "/var/log/x.log", "default"]`).
 */
export type Key = string | readonly string[];

/** The names of a path. A list is taken as it is; it is not copied. */
export function pathOf(key: Key): readonly string[] {
  if (typeof key !== "string") return key;
  return key.split(".").filter((part) => part !== "");
}

/**
 * The names of a path that is to be written to.
 *
 * @throws {ConfigError} CYG_SETTINGS_NAME if it has no names, or one that is empty or contains a line break
 */
export function writablePathOf(key: Key): readonly string[] {
  const path = pathOf(key);
  if (path.length === 0) throw new ConfigError("CYG_SETTINGS_NAME", "a path needs at least one name");
  for (const name of path) checkName(name);
  return path;
}

/** @throws {ConfigError} CYG_SETTINGS_NAME if a section or key cannot be called that */
export function checkName(name: string): void {
  if (name === "" || name.includes("\n")) {
    throw new ConfigError("CYG_SETTINGS_NAME", `${JSON.stringify(name)} is no name for a section or key`);
  }
}
