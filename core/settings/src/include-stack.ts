/**
 * Which text the lexer reads next. `include` puts the files it matches on top, and each gives way to what is below when it ends.
 */

import { ConfigError } from "./config-error.js";
import type { SettingsMessage } from "./config-error.js";
import { Source } from "./source.js";

/** A file that an include pattern matched. */
export interface IncludedFile {
  /** Path for messages, and for resolving what this file includes itself. */
  readonly file: string;
  /** Its content; `undefined` if it cannot be read or is no regular file, which skips it. */
  readonly text: string | undefined;
}

/**
 * Finds and reads what an include pattern matches, in the order in which it is to be read.
 *
 * @param pattern glob pattern; relative ones have been put behind the directory of the including file
 */
export type ReadInclude = (pattern: string) => readonly IncludedFile[];

/** Nesting of includes. Distributions use three levels; a file that includes itself under ever new names must stop somewhere. */
export const MAX_INCLUDE_DEPTH = 64;

/** Files in one load, as files that include each other twice per level would otherwise double without end. */
export const MAX_INCLUDED_FILES = 10_000;

/** The texts being read, innermost last. The main text is never removed, so that there is always a position to report. */
export class IncludeStack {
  readonly #sources: Source[];
  readonly #readInclude: ReadInclude;
  readonly #log: SettingsMessage[];
  #includedFiles = 0;

  constructor(main: Source, readInclude: ReadInclude, log: SettingsMessage[]) {
    this.#sources = [main];
    this.#readInclude = readInclude;
    this.#log = log;
  }

  get current(): Source {
    return this.#sources[this.#sources.length - 1];
  }

  /** Leaves an included text that has ended; false if that was the main text. */
  leave(): boolean {
    if (this.#sources.length === 1) return false;
    this.#sources.pop();
    return true;
  }

  /**
   * Continues with the files that `pattern` matches. A pattern without match, a file that cannot be opened and a file that is
   * being read already are logged and skipped.
   *
   * @throws {ConfigError} CYG_SETTINGS_INCLUDE_LIMIT
   */
  include(pattern: string): void {
    const includer = this.current;
    if (pattern === "") {
      this.#warn(1, `${includer.file}:${includer.line}: no include pattern specified, ignored`);
      return;
    }
    if (depth(includer) >= MAX_INCLUDE_DEPTH) {
      this.#warn(
        1,
        `${includer.file}:${includer.line}: includes nested deeper than ${MAX_INCLUDE_DEPTH} levels, '${pattern}' ignored`,
      );
      return;
    }
    const resolved = resolvePattern(pattern, includer.file);
    const matches = this.#readInclude(resolved);
    if (matches.length === 0) {
      this.#warn(1, `no files found matching '${resolved}'`);
      return;
    }
    this.#countFiles(matches.length, includer);
    const sources: Source[] = [];
    for (const { file, text } of matches) {
      if (text === undefined) this.#warn(2, `unable to open '${file}'`);
      else if (isOpen(file, includer)) this.#warn(1, `${includer.file}:${includer.line}: '${file}' includes itself, ignored`);
      else sources.push(new Source(file, text, includer));
    }
    // The first match is to be read first, so it goes on top.
    for (const source of sources.reverse()) this.#sources.push(source);
  }

  #countFiles(count: number, includer: Source): void {
    this.#includedFiles += count;
    if (this.#includedFiles <= MAX_INCLUDED_FILES) return;
    const text = `more than ${MAX_INCLUDED_FILES} included files`;
    this.#warn(1, `${includer.file}:${includer.line}: ${text}`);
    throw new ConfigError("CYG_SETTINGS_INCLUDE_LIMIT", text, includer.origin(), this.#log);
  }

  #warn(level: 1 | 2, message: string): void {
    this.#log.push({ level, message });
  }
}

function depth(source: Source): number {
  let count = 0;
  for (let s = source.includer; s !== undefined; s = s.includer) count += 1;
  return count;
}

function isOpen(file: string, includer: Source): boolean {
  for (let s: Source | undefined = includer; s !== undefined; s = s.includer) if (s.file === file) return true;
  return false;
}

function resolvePattern(pattern: string, includingFile: string): string {
  if (pattern.startsWith("/")) return pattern;
  const slash = includingFile.lastIndexOf("/");
  if (slash < 0) return `./${pattern}`;
  return `${includingFile.slice(0, slash)}/${pattern}`;
}
