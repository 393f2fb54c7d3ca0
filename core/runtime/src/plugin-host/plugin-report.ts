import type { OptionReport, OptionTable, PluginReport } from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import { formatOptionValue } from "../options/describe-options.js";
import { readOptions } from "../options/read-options.js";
import { dependsOf, isInUse } from "./plugin-entry.js";
import type { PluginEntry, PluginRecord } from "./plugin-entry.js";

const SECRET = "(secret)";

/** @param charon the daemon's section as it was read last */
export function reportPlugin(record: PluginRecord, charon: SettingsView): PluginReport {
  const { name, critical, package: from, entry } = record;
  const loaded = entry !== undefined && isInUse(entry);
  const reason = record.reason ?? (entry === undefined || loaded ? undefined : unusedReason(entry));
  return {
    name,
    ...(from?.version !== undefined && { version: from.version }),
    ...(from?.description !== undefined && { description: from.description }),
    critical,
    loaded,
    ...(reason !== undefined && { reason }),
    ...(record.isSwitchedOff && { isSwitchedOff: true }),
    features: (entry?.features ?? []).map(({ name: feature, on, state, reason: why, feature: declared }) => ({
      feature,
      on,
      loaded: state === "loaded",
      ...(why !== undefined && { reason: why }),
      depends: dependsOf(declared),
    })),
    options: entry === undefined ? [] : reportOptions(entry, charon),
  };
}

function unusedReason({ features }: PluginEntry): string {
  return features.length === 0 ? "it provides nothing with these options" : "none of its features is loaded";
}

function reportOptions({ plugin, context }: PluginEntry, charon: SettingsView): OptionReport[] {
  const own = charon.section(["plugins", plugin.name]);
  return [...reportTable(plugin.options ?? {}, own, context.options), ...reportTable(plugin.charonOptions ?? {}, charon)];
}

/** @param inForce values by key, where they need not be what the settings say by now */
function reportTable(table: OptionTable, view: SettingsView, inForce: Readonly<Record<string, unknown>> = {}): OptionReport[] {
  const reports: OptionReport[] = [];
  for (const [key, option] of Object.entries(table)) {
    const reloadable = option.reloadable === true;
    if (option.type === "section" || /^[A-Z]+$/.test(key)) {
      // Keys of the operator's choice: only those that there are.
      const around = option.type === "section" ? view.section(key) : view;
      for (const [name, value] of around.entries()) {
        if (option.type !== "section" && Object.hasOwn(table, name)) continue;
        if (option.type !== "section" && (name === "load" || name === "package")) continue;
        reports.push({ key: [...around.path, name].join("."), value, ...placeOf(around, [name]), reloadable });
      }
      continue;
    }
    const written = view.getString(key);
    const value =
      key in inForce ? formatOptionValue(option, inForce[key]) : (written ?? formatOptionValue(option, option.default));
    const next = reloadable || !(key in inForce) ? value : formatOptionValue(option, readOptions({ [key]: option }, view)[key]);
    reports.push({
      key: [...view.path, key].join("."),
      ...(value !== undefined && { value: option.isSecret ? SECRET : value }),
      ...(next !== value && { afterRestart: option.isSecret ? SECRET : (next ?? "") }),
      ...(written !== undefined && placeOf(view, key)),
      reloadable,
    });
  }
  return reports;
}

function placeOf(view: SettingsView, key: string | readonly string[]): { readonly place?: string } {
  const origin = view.origin(key);
  return origin && origin.line > 0 ? { place: `${origin.file}:${origin.line}` } : {};
}
