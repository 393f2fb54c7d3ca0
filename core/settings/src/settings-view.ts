/**
 * Lookups below one section.
 */

import type { Origin } from "./config-error.js";
import { pathOf } from "./key.js";
import type { Key } from "./key.js";
import type { Resolver } from "./resolver.js";
import type { Value } from "./section.js";
import { parseBool, parseDouble, parseInt32, parseTime, parseUint64 } from "./value-parsers.js";

/**
 * Reads settings relative to one section, following references and fallbacks.
 *
 * A getter returns its default if the key is absent, cleared (`key =`), or not of the type; without a default that is `undefined`.
 * Views are cheap, never change, and do not require that the section exists.
 */
export class SettingsView {
  readonly #resolver: Resolver;
  /** Names from the root to the section that keys are relative to; empty for the whole tree. */
  readonly path: readonly string[];

  /** Made by `Settings.section`. */
  constructor(resolver: Resolver, path: readonly string[]) {
    this.#resolver = resolver;
    this.path = path;
  }

  /** The raw text. */
  getString(key: Key): string | undefined;
  getString<D>(key: Key, fallback: D): string | D;
  getString<D>(key: Key, fallback?: D): string | D | undefined {
    return this.#find(key)?.text ?? fallback;
  }

  /** A flag, see {@link parseBool}. */
  getBool(key: Key): boolean | undefined;
  getBool<D>(key: Key, fallback: D): boolean | D;
  getBool<D>(key: Key, fallback?: D): boolean | D | undefined {
    return this.#parsed(key, parseBool) ?? fallback;
  }

  /** A signed 32 bit number, see {@link parseInt32}. */
  getInt(key: Key): number | undefined;
  getInt<D>(key: Key, fallback: D): number | D;
  getInt<D>(key: Key, fallback?: D): number | D | undefined {
    return this.#parsed(key, parseInt32) ?? fallback;
  }

  /** An unsigned 64 bit number, see {@link parseUint64}. */
  getU64(key: Key): bigint | undefined;
  getU64<D>(key: Key, fallback: D): bigint | D;
  getU64<D>(key: Key, fallback?: D): bigint | D | undefined {
    return this.#parsed(key, parseUint64) ?? fallback;
  }

  /** A floating point number, see {@link parseDouble}. */
  getDouble(key: Key): number | undefined;
  getDouble<D>(key: Key, fallback: D): number | D;
  getDouble<D>(key: Key, fallback?: D): number | D | undefined {
    return this.#parsed(key, parseDouble) ?? fallback;
  }

  /** Seconds, unsigned 32 bit, see {@link parseTime}. */
  getTime(key: Key): number | undefined;
  getTime<D>(key: Key, fallback: D): number | D;
  getTime<D>(key: Key, fallback?: D): number | D | undefined {
    return this.#parsed(key, parseTime) ?? fallback;
  }

  /** Whether the key has a value; a cleared one has none. */
  has(key: Key): boolean {
    return this.getString(key) !== undefined;
  }

  /** Whether the section exists, itself or by a reference of a section around it. */
  hasSection(key: Key): boolean {
    return this.#resolver.resolve(this.#absolute(key)).length > 0;
  }

  /** Names of the subsections: those of the section itself in file order, then those that only its references have. */
  sections(key: Key = []): string[] {
    const names = new Set<string>();
    for (const section of this.#resolver.resolve(this.#absolute(key))) {
      for (const name of section.sections.keys()) names.add(name);
    }
    return [...names];
  }

  /** Names and values of the keys in a section, in the order of {@link sections}; cleared keys are left out. */
  entries(key: Key = []): [name: string, value: string][] {
    const texts = new Map<string, string | null>();
    for (const section of this.#resolver.resolve(this.#absolute(key))) {
      for (const [name, value] of section.values) if (!texts.has(name)) texts.set(name, value.text);
    }
    const entries: [string, string][] = [];
    for (const [name, text] of texts) if (text !== null) entries.push([name, text]);
    return entries;
  }

  /** The names of {@link entries}. */
  keys(key: Key = []): string[] {
    return this.entries(key).map(([name]) => name);
  }

  /**
   * Where the value that a lookup finds was written, also if it clears the key; for a name that is only a section, where that first
   * appears. Unset for what does not exist or was set by code.
   */
  origin(key: Key): Origin | undefined {
    return this.#find(key)?.origin ?? this.#resolver.resolve(this.#absolute(key))[0]?.origin;
  }

  /** The same lookups relative to a subsection. */
  section(key: Key): SettingsView {
    return new SettingsView(this.#resolver, this.#absolute(key));
  }

  #absolute(key: Key): readonly string[] {
    const path = pathOf(key);
    if (this.path.length === 0) return path;
    return path.length === 0 ? this.path : [...this.path, ...path];
  }

  /** The first value found, which may be a cleared one: that ends the search. */
  #find(key: Key): Value | undefined {
    const path = this.#absolute(key);
    if (path.length === 0) return undefined;
    const name = path[path.length - 1];
    for (const section of this.#resolver.resolve(path.slice(0, -1))) {
      const value = section.values.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  #parsed<T>(key: Key, parse: (text: string) => T | undefined): T | undefined {
    const text = this.getString(key);
    return text === undefined ? undefined : parse(text);
  }
}
