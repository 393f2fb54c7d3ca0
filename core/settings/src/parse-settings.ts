/**
 * From text to settings.
 */

import type { SettingsMessage } from "./config-error.js";
import type { ReadInclude } from "./include-stack.js";
import { Parser } from "./parser.js";
import { Settings } from "./settings.js";

/** How to parse a text. */
export interface ParseOptions {
  /** Path for messages, and for relative include patterns. Default `strongswan.conf`. */
  readonly file?: string;
  /** Finds and reads included files. By default there are none, so every include warns that nothing matches. */
  readonly readInclude?: ReadInclude;
}

/** Settings, and what strongSwan would log about them. */
export interface ParseResult {
  readonly settings: Settings;
  readonly warnings: readonly SettingsMessage[];
}

/**
 * Parses strongswan.conf or swanctl.conf text and what it includes. The time is linear in the size of the input, the depth of
 * sections is limited by memory only.
 *
 * @throws {ConfigError} CYG_SETTINGS_SYNTAX, CYG_SETTINGS_INCLUDE_LIMIT; the file then contributes nothing at all
 */
export function parseSettings(text: string, options: ParseOptions = {}): ParseResult {
  const warnings: SettingsMessage[] = [];
  const { file = "strongswan.conf", readInclude = () => [] } = options;
  const root = new Parser(text, file, readInclude, warnings).parse();
  return { settings: Settings.fromSection(root), warnings };
}
