/**
 * The tree behind `Settings`: what the files say, before references and fallbacks are looked at.
 *
 * Nodes are mutable while a tree is built and never afterwards. Everything that walks a tree uses its own stack, as a file may nest
 * sections deeper than the call stack reaches.
 */

import type { Origin } from "./config-error.js";

/** A key's value as text, or `null` where the file clears the key (`key =`). */
export interface Value {
  readonly text: string | null;
  readonly origin: Origin | undefined;
}

/** One section. Keys and subsections are separate, so one name may be both; each map is in the order of first appearance. */
export class Section {
  readonly values = new Map<string, Value>();
  readonly sections = new Map<string, Section>();
  /** Paths from the root to the sections searched after this one, first one first. */
  readonly references: (readonly string[])[] = [];
  /** The same, set by the program: searched after all references of the file. */
  readonly fallbacks: (readonly string[])[] = [];

  /** `origin` is where the section first appears; unset for the root and for sections made by code. */
  constructor(readonly origin: Origin | undefined) {}

  /** The subsection of that name, made if need be. */
  ensure(name: string, origin: Origin | undefined): Section {
    let section = this.sections.get(name);
    if (section === undefined) {
      section = new Section(origin);
      this.sections.set(name, section);
    }
    return section;
  }
}

/** The section at `path` below `section`, made if need be. */
export function ensurePath(section: Section, path: readonly string[]): Section {
  return path.reduce((parent, name) => parent.ensure(name, undefined), section);
}

/** Puts everything of `from` over `into`: values replace, sections merge, references and fallbacks are appended. */
export function mergeSection(into: Section, from: Section): void {
  const work: [Section, Section][] = [[into, from]];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const [target, source] = next;
    for (const [name, value] of source.values) target.values.set(name, value);
    for (const path of source.references) target.references.push(path);
    for (const path of source.fallbacks) target.fallbacks.push(path);
    for (const [name, section] of source.sections) work.push([target.ensure(name, section.origin), section]);
  }
}

/** A copy that shares nothing mutable. */
export function copySection(section: Section): Section {
  const copy = new Section(section.origin);
  mergeSection(copy, section);
  return copy;
}

/** Whether two trees hold the same values, sections, references and fallbacks in the same order, wherever they came from. */
export function equalSections(a: Section, b: Section): boolean {
  const work: [Section, Section][] = [[a, b]];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const [left, right] = next;
    if (!equalPaths(left.references, right.references) || !equalPaths(left.fallbacks, right.fallbacks)) return false;
    if (left.values.size !== right.values.size || left.sections.size !== right.sections.size) return false;
    const rightValues = right.values.entries();
    for (const [name, value] of left.values) {
      const [otherName, other] = rightValues.next().value as [string, Value];
      if (name !== otherName || value.text !== other.text) return false;
    }
    const rightSections = right.sections.entries();
    for (const [name, section] of left.sections) {
      const [otherName, other] = rightSections.next().value as [string, Section];
      if (name !== otherName) return false;
      work.push([section, other]);
    }
  }
  return true;
}

function equalPaths(a: readonly (readonly string[])[], b: readonly (readonly string[])[]): boolean {
  const isSame = (left: readonly string[], right: readonly string[]): boolean =>
    left.length === right.length && left.every((part, i) => part === right[i]);
  return a.length === b.length && a.every((path, i) => isSame(path, b[i]));
}
