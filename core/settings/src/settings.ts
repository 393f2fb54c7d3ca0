/**
 * The settings of a daemon or tool: one immutable tree.
 */

import { checkName, writablePathOf } from "./key.js";
import type { Key } from "./key.js";
import type { Origin } from "./config-error.js";
import { Resolver } from "./resolver.js";
import { Section, copySection, ensurePath, equalSections, mergeSection } from "./section.js";
import { sectionFromData, sectionToData } from "./settings-data.js";
import type { SettingsData } from "./settings-data.js";
import { printSection } from "./settings-print.js";
import { SettingsView } from "./settings-view.js";

/** A value given by code. Flags become yes and no, `null` clears the key. */
export type SettingsScalar = string | number | bigint | boolean | null;

/** A tree given by code: an object is a section, anything else a value. Names are taken literally, dots included. */
export interface SettingsObject {
  readonly [name: string]: SettingsScalar | SettingsObject;
}

/** One section or key as it stands in the tree, see {@link Settings.walk}. */
export interface SettingsNode {
  /** Names from the root; the last one is the node's own. */
  readonly path: readonly string[];
  readonly kind: "section" | "key";
  /** The text of a key, `null` if cleared; unset for sections. */
  readonly value?: string | null;
  /** Dotted references of a section, without programmatic fallbacks; unset for keys. */
  readonly references?: readonly string[];
  readonly origin: Origin | undefined;
}

/**
 * A strongswan.conf tree with typed lookups. It never changes: whatever alters it returns a new one, so a reload is one assignment.
 */
export class Settings extends SettingsView {
  readonly #root: Section;

  private constructor(root: Section) {
    super(new Resolver(root), []);
    this.#root = root;
  }

  /** Settings without any key. */
  static readonly empty: Settings = new Settings(new Section(undefined));

  /** Takes ownership of a tree that nobody changes any more. For the parser, not exported by the package. @internal */
  static fromSection(root: Section): Settings {
    return new Settings(root);
  }

  /** @throws {ConfigError} CYG_SETTINGS_NAME */
  static fromObject(object: SettingsObject): Settings {
    const root = new Section(undefined);
    const work: [Section, SettingsObject][] = [[root, object]];
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      const [section, content] = next;
      for (const [name, value] of Object.entries(content)) {
        checkName(name);
        if (isScalar(value)) section.values.set(name, { text: scalarText(value), origin: undefined });
        else work.push([section.ensure(name, undefined), value]);
      }
    }
    return new Settings(root);
  }

  /**
   * Settings from single assignments, later ones over earlier ones, as a command line gives them.
   *
   * @throws {ConfigError} CYG_SETTINGS_NAME
   */
  static fromEntries(entries: Iterable<readonly [key: Key, value: SettingsScalar]>): Settings {
    const root = new Section(undefined);
    for (const [key, value] of entries) {
      const path = writablePathOf(key);
      ensurePath(root, path.slice(0, -1)).values.set(path[path.length - 1], { text: scalarText(value), origin: undefined });
    }
    return new Settings(root);
  }

  /** The counterpart of {@link toData}. @throws {ConfigError} CYG_SETTINGS_DATA */
  static fromData(data: SettingsData): Settings {
    return new Settings(sectionFromData(data));
  }

  /** A plain value that may be posted to a worker thread or kept as JSON. It shares nothing that can change; do not alter it. */
  toData(): SettingsData {
    return sectionToData(this.#root);
  }

  /** These settings with `top` over them: its values win, its cleared keys clear, its references and fallbacks come after. */
  overlay(top: Settings): Settings {
    const root = copySection(this.#root);
    mergeSection(root, top.#root);
    return new Settings(root);
  }

  /**
   * Searches `to` for whatever `section` and its references do not have. Fallbacks of one section apply in the order of the calls.
   * Neither section needs to exist; `section` does afterwards.
   *
   * @throws {ConfigError} CYG_SETTINGS_NAME if either is the root
   */
  withFallback(section: Key, to: Key): Settings {
    const root = copySection(this.#root);
    ensurePath(root, writablePathOf(section)).fallbacks.push([...writablePathOf(to)]);
    return new Settings(root);
  }

  /** These settings with the fallbacks of `other`, in place of their own: after a reload the program's fallbacks stay. */
  withFallbacksOf(other: Settings): Settings {
    const root = copySection(this.#root);
    for (const { section } of walkSections(root)) section.fallbacks.length = 0;
    for (const { section, path } of walkSections(other.#root)) {
      if (section.fallbacks.length === 0) continue;
      const target = ensurePath(root, path);
      for (const to of section.fallbacks) target.fallbacks.push(to);
    }
    return new Settings(root);
  }

  /** Whether both hold the same keys, sections, references and fallbacks in the same order. Origins do not count. */
  equals(other: Settings): boolean {
    return equalSections(this.#root, other.#root);
  }

  /** The tree as a configuration file, see {@link printSettings}. */
  print(): string {
    return printSection(this.#root);
  }

  /**
   * Everything that is written in the tree, without following references: a section, its keys, then its subsections, each in file
   * order. For checks of the configuration itself; a value found here need not be the one that a lookup returns.
   */
  *walk(): Generator<SettingsNode, void, undefined> {
    for (const { section, path } of walkSections(this.#root)) {
      if (path.length > 0) {
        const references = section.references.map((reference) => reference.join("."));
        yield { path, kind: "section", references, origin: section.origin };
      }
      for (const [name, value] of section.values) {
        yield { path: [...path, name], kind: "key", value: value.text, origin: value.origin };
      }
    }
  }
}

/**
 * Settings as the text of a configuration file. Parsing it gives an equal tree, programmatic fallbacks excepted.
 *
 * @throws {ConfigError} CYG_SETTINGS_UNPRINTABLE if a name made by code contains characters that files do not allow in names
 */
export function printSettings(settings: Settings): string {
  return settings.print();
}

function isScalar(value: SettingsScalar | SettingsObject): value is SettingsScalar {
  return value === null || typeof value !== "object";
}

function scalarText(value: SettingsScalar): string | null {
  if (typeof value === "boolean") return value ? "yes" : "no";
  return value === null ? null : String(value);
}

function* walkSections(root: Section): Generator<{ section: Section; path: readonly string[] }, void, undefined> {
  const work: { section: Section; path: readonly string[] }[] = [{ section: root, path: [] }];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    yield next;
    for (const [name, child] of [...next.section.sections].reverse()) work.push({ section: child, path: [...next.path, name] });
  }
}
