/**
 * Words, quotes and comments of the settings language. What a character means depends on where the parser stands, so the parser asks
 * for a token of a statement, of a reference list, or for a whole value.
 *
 * Every character is looked at a fixed number of times, so the time is linear in the size of the input.
 */

import type { Origin, SettingsMessage } from "./config-error.js";
import { IncludeStack } from "./include-stack.js";
import type { ReadInclude } from "./include-stack.js";
import type { Source } from "./source.js";

/** Token kinds, spelled as strongSwan's messages name them. */
export type Token = "NAME" | "STRING_ERROR" | "end of file" | "'='" | "'{'" | "'}'" | "." | '","' | ":";

const PUNCTUATION: Readonly<Record<string, Token>> = { "=": "'='", "{": "'{'", "}": "'}'", ".": ".", ",": '","', ":": ":" };

const INCLUDE = "include";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const DOT = 0x2e;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;
const CLOSE = 0x7d;

/** Reads tokens, following includes. After each token `text` and `origin` describe it, until the next one is asked for. */
export class Lexer {
  readonly #stack: IncludeStack;
  readonly #log: SettingsMessage[];
  #origin: Origin;
  #lineForMessages = 1;
  #text = "";
  #unterminated = false;

  /** `log` receives warnings and the complaints about quotes, in the order in which strongSwan prints them. */
  constructor(main: Source, readInclude: ReadInclude, log: SettingsMessage[]) {
    this.#stack = new IncludeStack(main, readInclude, log);
    this.#log = log;
    this.#origin = main.origin();
  }

  /** The name, for a NAME. A reference is one NAME with its dots in it. */
  get text(): string {
    return this.#text;
  }

  /** Where the token starts; for the end of file, the end of the main text. */
  get origin(): Origin {
    return this.#origin;
  }

  /** The line that strongSwan prints for the token. It differs from `origin` for a string without end, where it is the last one. */
  get lineForMessages(): number {
    return this.#lineForMessages;
  }

  /** The next token of a statement. `include` is dealt with on the way. */
  statement(): Token {
    return this.#next(false);
  }

  /** The next token of a reference list: dotted names are one token, and `include` is a name like any other. */
  reference(): Token {
    return this.#next(true);
  }

  /**
   * The value behind an equals sign: its words and strings joined by single blanks, or `null` if there are none. A string without
   * end turns up as STRING_ERROR in place of the following token.
   */
  value(): string | null {
    const source = this.#stack.current;
    const parts: string[] = [];
    while (!source.atEnd) {
      const code = source.text.charCodeAt(source.pos);
      if (code === LF) {
        source.newline();
        break;
      }
      if (code === CLOSE) break;
      if (code === HASH) source.skipComment();
      else if (isBlank(code)) source.pos += 1;
      else if (code === QUOTE) {
        const string = this.#string(source);
        if (string === undefined) break;
        parts.push(string);
      } else parts.push(word(source, endsValueWord));
    }
    return parts.length === 0 ? null : parts.join(" ");
  }

  #next(inReferences: boolean): Token {
    for (;;) {
      if (this.#unterminated) return "STRING_ERROR";
      const source = this.#stack.current;
      if (source.atEnd) {
        if (this.#stack.leave()) continue;
        return this.#token(source, "end of file");
      }
      const code = source.text.charCodeAt(source.pos);
      if (code === LF) source.newline();
      else if (isBlank(code)) source.pos += 1;
      else if (code === HASH) source.skipComment();
      else if (inReferences || !this.#include(source)) return this.#meaningful(source, code, inReferences);
    }
  }

  #meaningful(source: Source, code: number, inReferences: boolean): Token {
    if (code === QUOTE) {
      this.#log.push({ level: 1, message: `${source.file}:${source.line}: unexpected string detected` });
      return this.#token(source, "STRING_ERROR");
    }
    if (endsName(code)) {
      const token = this.#token(source, PUNCTUATION[source.text[source.pos]]);
      source.pos += 1;
      return token;
    }
    this.#token(source, "NAME");
    this.#text = inReferences ? dottedName(source) : word(source, endsName);
    return "NAME";
  }

  #token(source: Source, token: Token): Token {
    this.#origin = source.origin();
    this.#lineForMessages = source.line;
    return token;
  }

  /**
   * Reads `include PATTERN` if it starts here. It does not if the word goes on, no blank follows, or the blank is followed by an
   * equals sign (a key of that name) or by nothing.
   */
  #include(source: Source): boolean {
    const { text } = source;
    if (!text.startsWith(INCLUDE, source.pos)) return false;
    const blanks = source.pos + INCLUDE.length;
    let at = blanks;
    while (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB) at += 1;
    if (at === blanks) return false;
    const isFollowed = at < text.length && text.charCodeAt(at) !== EQUALS;
    // With two blanks in front of an equals sign, strongSwan sees the second one as the end of an empty pattern. So be it.
    if (!isFollowed && at - blanks < 2) return false;
    source.pos = isFollowed ? at : at - 1;
    const pattern = this.#pattern(source);
    if (pattern !== undefined) this.#stack.include(pattern);
    return true;
  }

  /** `undefined` if a quote in it is not closed. */
  #pattern(source: Source): string | undefined {
    const { text } = source;
    const parts: string[] = [];
    let from = source.pos;
    while (!source.atEnd) {
      const code = text.charCodeAt(source.pos);
      if (code === SPACE || code === TAB || code === LF || code === HASH || code === CLOSE) break;
      if (code === QUOTE) {
        parts.push(text.slice(from, source.pos));
        const string = this.#string(source);
        return string === undefined ? undefined : parts.join("") + string;
      }
      const isEscape = code === BACKSLASH && isEscapableInPattern(text.charCodeAt(source.pos + 1));
      if (!isEscape && code !== CR) {
        source.pos += 1;
        continue;
      }
      // Other backslashes stay: they are the glob's.
      parts.push(text.slice(from, source.pos));
      from = source.pos + 1;
      source.pos += isEscape ? 2 : 1;
    }
    parts.push(text.slice(from, source.pos));
    return parts.join("");
  }

  /** The content of the quoted string at the cursor; `undefined`, with the complaint logged, if it has no end. */
  #string(source: Source): string | undefined {
    const { text } = source;
    const start = source.origin();
    const parts: string[] = [];
    source.pos += 1;
    let from = source.pos;
    while (!source.atEnd) {
      const code = text.charCodeAt(source.pos);
      if (code === QUOTE) {
        parts.push(text.slice(from, source.pos));
        source.pos += 1;
        return parts.join("");
      }
      if (code === LF) {
        source.newline();
      } else if (code === CR) {
        parts.push(text.slice(from, source.pos));
        from = ++source.pos;
      } else if (code === BACKSLASH) {
        parts.push(text.slice(from, source.pos));
        from = skipEscape(source, parts);
      } else {
        source.pos += 1;
      }
    }
    this.#unterminated = true;
    this.#origin = start;
    this.#lineForMessages = source.line;
    this.#log.push({ level: 1, message: `${source.file}:${source.line}: unterminated string detected` });
    return undefined;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** Steps over the escape sequence at the cursor and adds what it stands for; returns where literal text goes on. */
function skipEscape(source: Source, parts: string[]): number {
  source.pos += 1;
  const isCrLf = source.text.startsWith("\r\n", source.pos);
  if (isCrLf) source.pos += 1;
  if (source.text.charCodeAt(source.pos) === LF) {
    source.newline();
    return source.pos;
  }
  if (source.atEnd) return source.pos;
  const character = source.text[source.pos];
  parts.push(Object.hasOwn(ESCAPES, character) ? ESCAPES[character] : character);
  source.pos += 1;
  return source.pos;
}

function word(source: Source, ends: (code: number) => boolean): string {
  const start = source.pos;
  while (!source.atEnd && !ends(source.text.charCodeAt(source.pos))) source.pos += 1;
  return source.text.slice(start, source.pos);
}

/** Names joined by dots with nothing between them; a dot that no name follows is left to be complained about. */
function dottedName(source: Source): string {
  const start = source.pos;
  word(source, endsName);
  while (source.text.charCodeAt(source.pos) === DOT && source.pos + 1 < source.text.length) {
    if (endsName(source.text.charCodeAt(source.pos + 1))) break;
    source.pos += 1;
    word(source, endsName);
  }
  return source.text.slice(start, source.pos);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB || code === CR;
}

/** Characters that cannot be part of the name of a key or section in a file. */
function endsName(code: number): boolean {
  switch (code) {
    case TAB:
    case LF:
    case CR:
    case SPACE:
    case QUOTE:
    case HASH:
    case DOT:
    case EQUALS:
    case CLOSE:
    case 0x2c: // comma
    case 0x3a: // colon
    case 0x7b: // opening brace
      return true;
    default:
      return false;
  }
}

function endsValueWord(code: number): boolean {
  return code === LF || code === CLOSE || code === HASH || code === QUOTE || isBlank(code);
}

function isEscapableInPattern(code: number): boolean {
  return code === QUOTE || code === HASH || code === CLOSE || code === SPACE;
}

/** Whether a name can stand in a file as the name of a key or section, or as one part of a reference. */
export function isFileName(name: string): boolean {
  for (let i = 0; i < name.length; i++) if (endsName(name.charCodeAt(i))) return false;
  return name.length > 0;
}
