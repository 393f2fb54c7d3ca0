/**
 * One text being read: the main file, or a file that an `include` put in the place where it stands.
 */

import type { Origin } from "./config-error.js";

/** A cursor over one text. Only the lexer moves it. */
export class Source {
  /** Index of the next character. */
  pos = 0;
  /** Line of the next character, from 1. Only line feeds count. */
  line = 1;
  #lineStart = 0;

  /**
   * @param includer the text whose `include` brought this one in; unset for the main file
   */
  constructor(
    readonly file: string,
    readonly text: string,
    readonly includer?: Source,
  ) {}

  get atEnd(): boolean {
    return this.pos >= this.text.length;
  }

  /** Where the next character stands; a fresh object. */
  origin(): Origin {
    return { file: this.file, line: this.line, column: this.pos - this.#lineStart + 1 };
  }

  /** Steps over the line feed at `pos`. */
  newline(): void {
    this.pos += 1;
    this.line += 1;
    this.#lineStart = this.pos;
  }

  /** Steps over a comment: to the line feed that ends its line, or to the end of the text. */
  skipComment(): void {
    const end = this.text.indexOf("\n", this.pos);
    this.pos = end < 0 ? this.text.length : end;
  }
}
