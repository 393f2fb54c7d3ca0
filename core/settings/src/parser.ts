/**
 * The grammar of strongswan.conf and swanctl.conf.
 *
 *   file    := { section | setting }
 *   section := NAME [ ":" reference { "," reference } ] "{" { section | setting } "}"
 *   setting := NAME "=" [ value ]
 *
 * The parser keeps the open sections on a stack of its own: depth costs memory, not call stack.
 */

import { ConfigError } from "./config-error.js";
import type { Origin, SettingsMessage } from "./config-error.js";
import type { ReadInclude } from "./include-stack.js";
import { Lexer } from "./lexer.js";
import type { Token } from "./lexer.js";
import { Section } from "./section.js";
import { Source } from "./source.js";

/** What may come next, in the words of strongSwan's messages. A line feed counts as a token only where a statement may start. */
const EXPECT_TOP = "end of file or NAME or NEWLINE";
const EXPECT_IN_SECTION = "NAME or NEWLINE or '}'";
const EXPECT_AFTER_NAME = ": or '{' or '='";
const EXPECT_REFERENCE = "NAME";
const EXPECT_AFTER_REFERENCE = `"," or '{'`;

/** A section whose closing brace is still to come. */
interface OpenSection {
  readonly name: string;
  readonly origin: Origin;
  readonly section: Section;
}

/** Parses one text and what it includes into a tree. One instance serves one text. */
export class Parser {
  readonly #file: string;
  readonly #lexer: Lexer;
  readonly #log: SettingsMessage[];
  readonly #root = new Section(undefined);
  readonly #open: OpenSection[] = [];

  /** `log` receives what strongSwan would log, in its order. */
  constructor(text: string, file: string, readInclude: ReadInclude, log: SettingsMessage[]) {
    this.#file = file;
    this.#log = log;
    this.#lexer = new Lexer(new Source(file, text), readInclude, log);
  }

  /** @throws {ConfigError} CYG_SETTINGS_SYNTAX, CYG_SETTINGS_INCLUDE_LIMIT */
  parse(): Section {
    const lexer = this.#lexer;
    for (;;) {
      const token = lexer.statement();
      if (token === "NAME") {
        this.#named(lexer.text, lexer.origin);
      } else if (token === "'}'" && this.#open.length > 0) {
        this.#open.pop();
      } else if (token === "end of file" && this.#open.length === 0) {
        return this.#root;
      } else {
        throw this.#unexpected(token, this.#open.length > 0 ? EXPECT_IN_SECTION : EXPECT_TOP);
      }
    }
  }

  get #current(): Section {
    return this.#open.at(-1)?.section ?? this.#root;
  }

  #named(name: string, origin: Origin): void {
    const token = this.#lexer.statement();
    switch (token) {
      case "'='":
        this.#current.values.set(name, { text: this.#lexer.value(), origin });
        return;
      case "'{'":
        this.#enter(name, origin, []);
        return;
      case ":":
        this.#enter(name, origin, this.#references());
        return;
      default:
        throw this.#unexpected(token, EXPECT_AFTER_NAME);
    }
  }

  #enter(name: string, origin: Origin, references: readonly (readonly string[])[]): void {
    const section = this.#current.ensure(name, origin);
    for (const reference of references) section.references.push(reference);
    this.#open.push({ name, origin, section });
  }

  #references(): string[][] {
    const references: string[][] = [];
    for (;;) {
      const name = this.#lexer.reference();
      if (name !== "NAME") throw this.#unexpected(name, EXPECT_REFERENCE);
      references.push(this.#lexer.text.split("."));
      const token = this.#lexer.reference();
      if (token === "'{'") return references;
      if (token !== '","') throw this.#unexpected(token, EXPECT_AFTER_REFERENCE);
    }
  }

  #unexpected(token: Token, expected: string): ConfigError {
    const { origin, lineForMessages } = this.#lexer;
    const text = `syntax error, unexpected ${token}, expecting ${expected}`;
    const isEnd = token === "end of file";
    this.#log.push({ level: 1, message: isEnd ? text : `${origin.file}:${lineForMessages}: ${text}` });
    this.#log.push({ level: 1, message: `invalid config file '${this.#file}'` });
    return new ConfigError("CYG_SETTINGS_SYNTAX", text + this.#hint(token), origin, this.#log);
  }

  /** What strongSwan does not say and one wants to know first. */
  #hint(token: Token): string {
    const open = this.#open.at(-1);
    if (token !== "end of file" || open === undefined) return "";
    const { file, line, column } = open.origin;
    return `; section '${open.name}' opened at ${file}:${line}:${column} is still open`;
  }
}
