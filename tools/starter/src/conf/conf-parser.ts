/**
 * Reads ipsec.conf and the files that it includes into raw sections: names and texts, nothing interpreted, nothing inherited.
 */

import { posix } from "node:path";
import { ConfLexer } from "./conf-lexer.js";
import type { Token } from "./conf-lexer.js";
import { globConfFiles } from "./conf-files.js";
import type { ConfFiles } from "./conf-files.js";
import type { ConfMessage } from "./conf-message.js";
import { IpsecConfError } from "./ipsec-conf-error.js";

/** How deep `include` may nest. A file that includes itself ends there instead of never. */
const MAX_INCLUDE_DEPTH = 10;
/** How many files one configuration may read; nested globs multiply. */
const MAX_INCLUDED_FILES = 10_000;

/** One `key=value`; `null` stands for `key=`, which hides an inherited value. */
export interface RawSetting {
  readonly key: string;
  readonly value: string | null;
  readonly file: string;
  readonly line: number;
}

/** Everything said about one section, in whichever places. */
export interface RawSection {
  readonly kind: "setup" | "conn" | "ca";
  readonly name: string;
  /** Where its first header stands. */
  readonly file: string;
  readonly line: number;
  /** Last value of each key. */
  readonly settings: Map<string, RawSetting>;
  /** `also` lines, in order. */
  readonly also: RawSetting[];
}

/** A parsed configuration; `%default` is among the sections. Maps keep the order of first appearance. */
export interface RawConf {
  readonly setup: RawSection | undefined;
  readonly conns: ReadonlyMap<string, RawSection>;
  readonly cas: ReadonlyMap<string, RawSection>;
  /** All files that were read, the main one first. */
  readonly files: readonly string[];
}

/**
 * Parses a configuration file. What can be passed over (an include that matches nothing) is told in `messages`.
 *
 * @throws {IpsecConfError} any code but CYG_IPSEC_CONF_REFERENCE
 */
export function parseIpsecConf(file: string, files: ConfFiles, messages: ConfMessage[]): RawConf {
  const parser = new ConfParser(files, messages);
  parser.file(file, 0, { file, line: 0, column: 0 });
  return { setup: parser.setup, conns: parser.conns, cas: parser.cas, files: parser.filesRead };
}

class ConfParser {
  setup: RawSection | undefined;
  readonly conns = new Map<string, RawSection>();
  readonly cas = new Map<string, RawSection>();
  readonly filesRead: string[] = [];
  readonly #files: ConfFiles;
  readonly #messages: ConfMessage[];
  /** Settings belong to the last header read, also across the border of an included file. */
  #section: RawSection | undefined;

  constructor(files: ConfFiles, messages: ConfMessage[]) {
    this.#files = files;
    this.#messages = messages;
  }

  file(path: string, depth: number, place: { file: string; line: number; column: number }): void {
    let text: string;
    try {
      text = this.#files.read(path);
    } catch (error) {
      throw new IpsecConfError("CYG_IPSEC_CONF_READ", `failed to open config file '${path}'`, place, { cause: error });
    }
    this.filesRead.push(path);
    const lexer = new ConfLexer(text, path);
    for (let token = lexer.next(); token.kind !== "EOF"; token = lexer.next()) {
      if (token.kind === "NEWLINE") continue;
      const end = this.#statement(lexer, token, depth);
      if (end.kind === "EOF") return;
    }
  }

  /** Reads one statement that starts with `token`; returns the token that ended it. */
  #statement(lexer: ConfLexer, token: Token, depth: number): Token {
    switch (token.kind) {
      case "CONFIG_SETUP":
        return this.#setupHeader(lexer, token);
      case "CONN":
      case "CA":
        return this.#header(lexer, token);
      case "INCLUDE":
        this.#include(token, depth);
        return expectLineEnd(lexer.next());
      case "STRING":
        if (token.column > 1) return this.#setting(lexer, token, depth);
        throw unexpected(token);
      default:
        throw unexpected(token);
    }
  }

  #setupHeader(lexer: ConfLexer, token: Token): Token {
    this.setup ??= newSection("setup", "", token);
    this.#section = this.setup;
    const next = lexer.next();
    // strongSwan takes one word behind `config setup` and does nothing with it.
    return expectLineEnd(next.kind === "STRING" ? lexer.next() : next);
  }

  #header(lexer: ConfLexer, token: Token): Token {
    const name = lexer.next();
    if (name.kind !== "STRING" || name.text === "") {
      throw new IpsecConfError("CYG_IPSEC_CONF_SECTION_NAME", "section name missing", token);
    }
    const kind = token.kind === "CONN" ? "conn" : "ca";
    const sections = kind === "conn" ? this.conns : this.cas;
    let section = sections.get(name.text);
    if (section === undefined) {
      section = newSection(kind, name.text, token);
      sections.set(name.text, section);
    }
    this.#section = section;
    return expectLineEnd(lexer.next());
  }

  #setting(lexer: ConfLexer, key: Token, depth: number): Token {
    if (lexer.next().kind !== "EQ") {
      throw new IpsecConfError("CYG_IPSEC_CONF_MISSING_VALUE", `missing value for setting '${key.text}'`, key);
    }
    let value: string | null = null;
    let token = lexer.next();
    for (; token.kind === "STRING"; token = lexer.next()) value = value === null ? token.text : `${value} ${token.text}`;
    this.#set({ key: key.text, value, file: key.file, line: key.line });
    if (token.kind !== "INCLUDE") return expectLineEnd(token);
    this.#include(token, depth);
    return expectLineEnd(lexer.next());
  }

  /** Settings in front of the first header belong to nothing. */
  #set(setting: RawSetting): void {
    if (this.#section === undefined) return;
    if (setting.key !== "also") this.#section.settings.set(setting.key, setting);
    else if (setting.value !== null && setting.value !== "") this.#section.also.push(setting);
  }

  #include(token: Token, depth: number): void {
    const pattern = posix.isAbsolute(token.text) ? token.text : posix.join(posix.dirname(token.file), token.text);
    if (depth >= MAX_INCLUDE_DEPTH) {
      this.#warn(token, `include '${pattern}' ignored, nested deeper than ${MAX_INCLUDE_DEPTH} levels`);
      return;
    }
    let paths: string[];
    try {
      paths = globConfFiles(pattern, this.#files);
    } catch (error) {
      this.#warn(token, `expanding file pattern '${pattern}' failed: ${describe(error)}`);
      return;
    }
    if (paths.length === 0) this.#warn(token, `no files found matching '${pattern}'`);
    for (const path of paths) {
      if (this.#files.isDirectory(path)) continue;
      if (this.filesRead.length >= MAX_INCLUDED_FILES) {
        this.#warn(token, `include '${path}' ignored, more than ${MAX_INCLUDED_FILES} files`);
        return;
      }
      this.file(path, depth + 1, token);
    }
  }

  #warn(token: Token, text: string): void {
    this.#messages.push({ file: token.file, line: token.line, level: "warning", text });
  }
}

function newSection(kind: RawSection["kind"], name: string, token: Token): RawSection {
  return { kind, name, file: token.file, line: token.line, settings: new Map(), also: [] };
}

function expectLineEnd(token: Token): Token {
  if (token.kind === "NEWLINE" || token.kind === "EOF") return token;
  throw unexpected(token);
}

function unexpected(token: Token): IpsecConfError {
  return new IpsecConfError("CYG_IPSEC_CONF_SYNTAX", `syntax error, unexpected ${token.kind}`, token);
}

function describe(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  if (code === "ENOENT") return "No such file or directory";
  if (code === "EACCES") return "Permission denied";
  if (code === "ENOTDIR") return "Not a directory";
  return error instanceof Error ? error.message : String(error);
}
