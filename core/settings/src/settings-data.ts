/**
 * Settings as a plain value, for worker threads and files of our own.
 *
 * The form is flat: structured cloning walks nested objects on the call stack, and sections may nest deeper than that reaches.
 */

import { ConfigError } from "./config-error.js";
import type { Origin } from "./config-error.js";
import { Section } from "./section.js";

/** File number (index into `files`, -1 for none), line, column. */
type OriginData = readonly [file: number, line: number, column: number];

/** Structured-cloneable and JSON-able form of a `Settings`. Opaque: only `Settings.fromData` reads it. */
export interface SettingsData {
  readonly version: 1;
  readonly files: readonly string[];
  /** Parents before children. The parent is an index into this list; the first entry is the root, its own parent. */
  readonly sections: readonly {
    readonly parent: number;
    readonly name: string;
    readonly origin: OriginData;
    readonly references: readonly (readonly string[])[];
    readonly fallbacks: readonly (readonly string[])[];
    readonly values: readonly (readonly [name: string, text: string | null, origin: OriginData])[];
  }[];
}

/** Flattens a tree. */
export function sectionToData(root: Section): SettingsData {
  const files = new Map<string, number>();
  const originData = (origin: Origin | undefined): OriginData => {
    if (origin === undefined) return [-1, 0, 0];
    const index = files.get(origin.file) ?? files.size;
    files.set(origin.file, index);
    return [index, origin.line, origin.column];
  };

  const sections: SettingsData["sections"][number][] = [];
  // Breadth first: children of a section keep their order, and parents come before children.
  const queue: { readonly section: Section; readonly name: string; readonly parent: number }[] = [
    { section: root, name: "", parent: 0 },
  ];
  for (let index = 0; index < queue.length; index++) {
    const { section, name, parent } = queue[index];
    sections.push({
      parent,
      name,
      origin: originData(section.origin),
      references: section.references,
      fallbacks: section.fallbacks,
      values: Array.from(section.values, ([key, value]) => [key, value.text, originData(value.origin)] as const),
    });
    for (const [childName, child] of section.sections) queue.push({ section: child, name: childName, parent: index });
  }
  return { version: 1, files: [...files.keys()], sections };
}

/** @throws {ConfigError} CYG_SETTINGS_DATA if the value is of another version or not consistent */
export function sectionFromData(data: SettingsData): Section {
  if (data.version !== 1 || data.sections.length === 0)
    throw new ConfigError("CYG_SETTINGS_DATA", "not settings data of version 1");
  const origin = ([file, line, column]: OriginData): Origin | undefined =>
    file < 0 || file >= data.files.length ? undefined : { file: data.files[file], line, column };

  const made: Section[] = [];
  data.sections.forEach((entry, index) => {
    const parent = index === 0 ? undefined : made[entry.parent];
    if (index > 0 && parent === undefined) throw new ConfigError("CYG_SETTINGS_DATA", `section ${index} has no parent before it`);
    const section = parent?.ensure(entry.name, origin(entry.origin)) ?? new Section(undefined);
    for (const path of entry.references) section.references.push([...path]);
    for (const path of entry.fallbacks) section.fallbacks.push([...path]);
    for (const [name, text, at] of entry.values) section.values.set(name, { text, origin: origin(at) });
    made.push(section);
  });
  return made[0];
}
