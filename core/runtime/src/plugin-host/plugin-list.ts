import { flag } from "@cygnet/plugin-api";
import type { OptionTable } from "@cygnet/plugin-api";
import { parseBool, parseInt32 } from "@cygnet/settings";
import type { SettingsView } from "@cygnet/settings";
import { describeProblem, optionError } from "../options/option-error.js";
import { isNoFlag, readOptions } from "../options/read-options.js";
import type { OptionWarning } from "../options/read-options.js";

/** A plugin to load. */
export interface ListedPlugin {
  readonly name: string;
  /** `NAME!` in the list: the daemon does not start without it and all its features. */
  readonly critical: boolean;
}

interface Candidate extends ListedPlugin {
  readonly priority: number;
  /** Place in the list; -1 for those that are not in it, which come first. */
  readonly position: number;
}

/** How the list is made. */
export const MODULAR_OPTIONS = {
  load_modular: flag(false, "Load the plugins whose section below charon.plugins says load = yes, or a priority."),
} satisfies OptionTable;

/** What `load = yes` counts as. */
const PRIORITY_YES = 1;

/**
 * The plugins to load and their order, from `charon.load`, `charon.load_modular` and `charon.plugins.NAME.load`.
 *
 * @param charon the daemon's section
 * @param defaults the built-in list, which `charon.load` replaces
 * @param warn takes what is ignored as in strongSwan
 * @throws {OptionError} CYG_OPTION_VALUE for a `load` that is neither a flag nor a number, or a bad `load_modular`
 */
export function resolvePluginList(charon: SettingsView, defaults: readonly string[], warn?: OptionWarning): ListedPlugin[] {
  const configured = (charon.getString("load") ?? "").split(/\s+/).filter((name) => name !== "");
  const list = parseList(configured.length > 0 ? configured : defaults);
  const candidates = readOptions(MODULAR_OPTIONS, charon, warn).load_modular
    ? modular(charon, list, warn)
    : listed(charon, list, warn);
  candidates.sort((a, b) => b.priority - a.priority || a.position - b.position || (a.name < b.name ? -1 : 1));
  return candidates.map(({ name, critical }) => ({ name, critical }));
}

type PluginNames = ReadonlyMap<string, { readonly critical: boolean; readonly position: number }>;

function parseList(entries: readonly string[]): PluginNames {
  const list = new Map<string, { readonly critical: boolean; readonly position: number }>();
  for (const entry of entries) {
    const critical = entry.endsWith("!");
    const name = critical ? entry.slice(0, -1) : entry;
    if (name !== "" && !list.has(name)) list.set(name, { critical, position: list.size });
  }
  return list;
}

/** Candidates are the list's, unless switched off. */
function listed(charon: SettingsView, list: PluginNames, warn?: OptionWarning): Candidate[] {
  const candidates: Candidate[] = [];
  for (const [name, { critical, position }] of list) {
    const priority = loadPriority(charon, name, warn) ?? PRIORITY_YES;
    if (priority !== 0) candidates.push({ name, critical, position, priority });
  }
  return candidates;
}

/** Candidates are those switched on; the list only orders them. */
function modular(charon: SettingsView, list: PluginNames, warn?: OptionWarning): Candidate[] {
  const candidates: Candidate[] = [];
  for (const name of charon.sections("plugins")) {
    const priority = loadPriority(charon, name, warn) ?? 0;
    const { critical, position } = list.get(name) ?? { critical: false, position: -1 };
    if (priority !== 0) candidates.push({ name, critical, position, priority });
  }
  return candidates;
}

/** The priority in `charon.plugins.NAME.load`, 0 for no, undefined if not set. */
function loadPriority(charon: SettingsView, name: string, warn?: OptionWarning): number | undefined {
  const section = charon.section(["plugins", name]);
  const text = section.getString("load");
  if (text === undefined) return undefined;
  const flag = parseBool(text);
  if (flag !== undefined) return flag ? PRIORITY_YES : 0;
  if (isNoFlag(text)) {
    warn?.(describeProblem(section, "load", `'${text}' is neither yes nor no, ignored`));
    return undefined;
  }
  const priority = parseInt32(text);
  if (priority === undefined) throw optionError(section, "load", `'${text}' is neither yes or no nor a priority`);
  return priority;
}
