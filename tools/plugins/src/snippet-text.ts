import { parseSettings } from "@cygnet/settings";

/** What a snippet without anything else looks like. */
function freshSnippet(plugin: string, load: string): string {
  return `${plugin} {\n\n    # Whether to load the plugin; a number is its priority.\n    load = ${load}\n\n}\n`;
}

/**
 * The text of a snippet with another `load`; all else stays as it is, comments and layout included.
 *
 * @param text undefined for a file that is not there
 * @throws {ConfigError} CYG_SETTINGS_SYNTAX
 */
export function setLoad(text: string | undefined, plugin: string, load: string): string {
  if (text === undefined) return freshSnippet(plugin, load);
  const { settings } = parseSettings(text);
  // Also where it is cleared.
  const value = settings.section([plugin]).origin("load");
  if (value !== undefined) return replaceValue(text, offsetOf(text, value.line, value.column), load);
  const opened = settings.origin([plugin]);
  if (opened === undefined) return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${freshSnippet(plugin, load)}`;
  return insertIn(text, offsetOf(text, opened.line, opened.column), load);
}

/** @param at where the key stands */
function replaceValue(text: string, at: number, load: string): string {
  // The parser has seen this here; the name and the sign may be on different lines.
  const start = at + /^[^=]*=[ \t]*/.exec(text.slice(at))![0].length;
  const [old] = /^("(?:[^"\\]|\\.)*"|[^\n#{}]*)/.exec(text.slice(start))!;
  const rest = text.slice(start + old.length);
  const blanks = old.startsWith('"') ? "" : /[ \t\r]*$/.exec(old)![0];
  return `${text.slice(0, start)}${load}${blanks}${rest}`;
}

/** @param at where the name of the section stands */
function insertIn(text: string, at: number, load: string): string {
  const brace = text.indexOf("{", at) + 1;
  const rest = text.slice(brace);
  const isAlone = /^[ \t]*(?:#[^\n]*)?(?:\n|$)/.test(rest);
  const head = isAlone ? /^[^\n]*/.exec(rest)![0] : "";
  const tail = rest.slice(head.length);
  return `${text.slice(0, brace)}${head}\n    load = ${load}${isAlone ? "" : "\n   "}${tail}`;
}

/** @param line from 1 @param column from 1 */
function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let at = 1; at < line; at++) start = text.indexOf("\n", start) + 1;
  return start + column - 1;
}
