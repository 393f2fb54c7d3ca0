/**
 * Cuts ipsec.conf text into tokens. Blanks and comments between tokens are dropped; a token's column tells whether it is indented.
 */

import { IpsecConfError } from "./ipsec-conf-error.js";
import type { ConfPlace } from "./ipsec-conf-error.js";

/** What a token is; the upper-case kinds carry the names that strongSwan's syntax errors use. */
export type TokenKind = "CONFIG_SETUP" | "CONN" | "CA" | "STRING" | "EQ" | "NEWLINE" | "EOF" | "INCLUDE";

/** One token. `text` is the word, the text of a string with its escapes resolved, or the pattern of an include. */
export interface Token extends ConfPlace {
  readonly kind: TokenKind;
  readonly text: string;
}

const BLANKS = /[ \t]*/y;
const VERSION_LINE = /[ \t]*version[^\n]*/y;
const WORD = /(?:@#)?[^"#= \t\n]+/y;
const HEADERS: readonly (readonly [TokenKind, RegExp])[] = [
  ["CONFIG_SETUP", /config setup/y],
  ["CONN", /conn(?![^"#= \t\n])/y],
  ["CA", /ca(?![^"#= \t\n])/y],
];
const INCLUDE = /include[ \t]+(?=[^ \t\n#])/y;
const INCLUDE_WORD = /[^" \t\n#]+/y;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\n": "" };

/** Reads one text from start to end; does not read what it includes. */
export class ConfLexer {
  readonly #text: string;
  readonly #file: string;
  #pos = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  /**
   * The next token; `EOF` again and again at the end.
   *
   * @throws {IpsecConfError} CYG_IPSEC_CONF_UNTERMINATED, CYG_IPSEC_CONF_SYNTAX for a NUL byte
   */
  next(): Token {
    if (this.#pos === this.#lineStart) {
      this.#match(VERSION_LINE);
      for (const [kind, pattern] of HEADERS) {
        const place = this.#place();
        const text = this.#match(pattern);
        if (text !== undefined) return { kind, text, ...place };
      }
    }
    this.#match(BLANKS);
    if (this.#text[this.#pos] === "#") this.#skipComment();
    const place = this.#place();
    const char = this.#text[this.#pos];
    if (char === undefined) return { kind: "EOF", text: "", ...place };
    if (char === "\n") {
      this.#newline();
      return { kind: "NEWLINE", text: "\n", ...place };
    }
    if (char === "=") {
      this.#pos += 1;
      return { kind: "EQ", text: "=", ...place };
    }
    if (char === '"') return { kind: "STRING", text: this.#quoted(place), ...place };
    if (this.#match(INCLUDE) !== undefined) return { kind: "INCLUDE", text: this.#includePattern(), ...place };
    const text = this.#match(WORD) ?? "";
    if (text.includes("\0")) throw new IpsecConfError("CYG_IPSEC_CONF_SYNTAX", "syntax error, unexpected NUL byte", place);
    return { kind: "STRING", text, ...place };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#pos;
    const match = pattern.exec(this.#text);
    if (match === null) return undefined;
    this.#pos += match[0].length;
    return match[0];
  }

  #skipComment(): void {
    const end = this.#text.indexOf("\n", this.#pos);
    this.#pos = end < 0 ? this.#text.length : end;
  }

  #newline(): void {
    this.#pos += 1;
    this.#line += 1;
    this.#lineStart = this.#pos;
  }

  /** Reads behind an opening quote up to the closing one. Line feeds are part of the text. */
  #quoted(start: ConfPlace): string {
    let out = "";
    this.#pos += 1;
    for (;;) {
      const char = this.#text[this.#pos];
      if (char === undefined) throw new IpsecConfError("CYG_IPSEC_CONF_UNTERMINATED", "unterminated string detected", start);
      if (char === "\0") throw new IpsecConfError("CYG_IPSEC_CONF_SYNTAX", "syntax error, unexpected NUL byte", this.#place());
      if (char === "\n") {
        out += char;
        this.#newline();
      } else if (char === '"') {
        this.#pos += 1;
        return out;
      } else if (char === "\\" && this.#pos + 1 < this.#text.length) {
        this.#pos += 1;
        const escaped = this.#text[this.#pos];
        out += ESCAPES[escaped] ?? escaped;
        if (escaped === "\n") this.#newline();
        else this.#pos += 1;
      } else {
        out += char;
        this.#pos += 1;
      }
    }
  }

  /** Words and strings without blanks between them form one pattern. */
  #includePattern(): string {
    let pattern = "";
    for (;;) {
      if (this.#text[this.#pos] === '"') pattern += this.#quoted(this.#place());
      else {
        const word = this.#match(INCLUDE_WORD);
        if (word === undefined) return pattern;
        pattern += word;
      }
    }
  }

  #place(): ConfPlace {
    return { file: this.#file, line: this.#line, column: this.#pos - this.#lineStart + 1 };
  }
}
