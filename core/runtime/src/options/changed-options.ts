import type { Option, OptionTable } from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import { formatOptionValue } from "./describe-options.js";
import { readOptions } from "./read-options.js";

/**
 * The options of a table that a reload cannot apply and that have another value now, as dotted keys from the root. A default that is written
 * down is no change.
 *
 * @param before the section as it was when the daemon started
 */
export function fixedChanges(table: OptionTable, before: SettingsView, now: SettingsView): string[] {
  return Object.entries(table)
    .filter(([key, option]) => !option.reloadable && valueOf(key, option, before) !== valueOf(key, option, now))
    .map(([key]) => [...now.path, key].join("."));
}

/** Both were read before, so there is nothing to warn of. */
function valueOf(key: string, option: Option<unknown>, view: SettingsView): string | undefined {
  if (option.type === "section") return sectionText(view.section(key));
  return formatOptionValue(option, readOptions({ [key]: option }, view)[key]);
}

function sectionText(view: SettingsView): string {
  const inner = view.sections().map((name) => `${name} {${sectionText(view.section([name]))}}`);
  return JSON.stringify([...view.entries(), ...inner]);
}
