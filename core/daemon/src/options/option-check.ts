import type { OptionGroup } from "@cygnet/runtime";
import type { Settings, SettingsView } from "@cygnet/settings";
import { OTHER_PROGRAMS, STRONGSWAN_OPTIONS } from "./strongswan-names.js";

/** A name in the tree of options. */
interface Name {
  readonly children: Map<string, Name>;
  /** Whether a key of this name is one that we act on, or only one that strongSwan has. Unset for what is a section only. */
  option?: "ours" | "strongSwan";
  /** A section whose content is the operator's. */
  isOpen?: boolean;
  /** A section that may have others in it which we do not know. */
  holdsOthers?: boolean;
}

/** What stands for any name. In groups and options that is any word in capitals. */
const ANY = "NAME";

/** What the check looks at. */
export interface CheckedSettings {
  readonly settings: Settings;
  /** The daemon's section, `charon`, with its fallbacks and references. */
  readonly charon: SettingsView;
  /** The options that are acted on; sections begin with `charon`, whatever the daemon's is called. */
  readonly groups: readonly OptionGroup[];
}

/**
 * Finds options that nothing reads: misspelt ones, and those of strongSwan that have no effect here. Options of plugins that have no group,
 * since they are not loaded, and sections of other programs are left alone.
 *
 * @returns a sentence each, with its place
 */
export function checkOptions({ settings, charon, groups }: CheckedSettings): string[] {
  const check = new OptionCheck();
  check.below(charon, namesOf(groups));
  const [own = "charon"] = charon.path;
  const referenced = new Set([...settings.walk()].flatMap(({ references = [] }) => references.map((name) => name.split(".")[0])));
  for (const section of settings.sections()) {
    if (section === own || OTHER_PROGRAMS.has(section) || referenced.has(section)) continue;
    check.report(settings, section, `unknown section '${section}'`);
  }
  for (const key of settings.keys()) check.report(settings, key, `unknown option '${key}'`);
  return check.found;
}

class OptionCheck {
  readonly found: string[] = [];

  below(view: SettingsView, known: Name): void {
    for (const key of view.keys()) {
      const { option } = find(known, key) ?? {};
      const name = [...view.path, key].join(".");
      if (option === "strongSwan") this.report(view, key, `option '${name}' of strongSwan has no effect in this release`);
      else if (option === undefined) this.report(view, key, `unknown option '${name}'`);
    }
    for (const section of view.sections()) this.#section(view, section, find(known, section), known);
  }

  #section(view: SettingsView, section: string, name: Name | undefined, around: Name): void {
    if (name?.isOpen || (name === undefined && around.holdsOthers)) return;
    const content = view.section([section]);
    if (name !== undefined && name.children.size > 0) return this.below(content, name);
    if (content.keys().length + content.sections().length === 0) return;
    this.report(view, section, `unknown section '${content.path.join(".")}'`);
  }

  report(view: SettingsView, name: string, problem: string): void {
    const origin = view.origin([name]);
    this.found.push(origin && origin.line > 0 ? `${origin.file}:${origin.line}: ${problem}` : problem);
  }
}

/** The tree of all names, from the section `charon` on. */
function namesOf(groups: readonly OptionGroup[]): Name {
  const root: Name = { children: new Map() };
  const plugins = enter(root, "plugins");
  // Whoever is not loaded may have any options.
  plugins.holdsOthers = true;
  for (const { section, options } of groups) {
    const [, ...path] = section.split(".");
    const group = path.reduce(enter, root);
    for (const [key, { type }] of Object.entries(options)) {
      const name = key.split(".").reduce(enter, group);
      if (type === "section") name.isOpen = true;
      else name.option = "ours";
    }
  }
  for (const plugin of plugins.children.values()) for (const key of ["load", "package"]) enter(plugin, key).option = "ours";
  for (const option of STRONGSWAN_OPTIONS) {
    const path = option.split(".");
    if (path[0] === "plugins" && !plugins.children.has(path[1]!)) continue;
    path.reduce(enter, root).option ??= "strongSwan";
  }
  return root;
}

function enter(around: Name, name: string): Name {
  const key = /^[A-Z]+$/.test(name) ? ANY : name;
  let inner = around.children.get(key);
  if (inner === undefined) {
    inner = { children: new Map() };
    around.children.set(key, inner);
  }
  return inner;
}

function find({ children }: Name, name: string): Name | undefined {
  return children.get(name) ?? children.get(ANY);
}
