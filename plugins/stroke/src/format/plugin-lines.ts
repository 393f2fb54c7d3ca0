import type { LoadedPlugin } from "@cygnet/plugin-api";

/** The listing of `listplugins`: features of each plugin, and under a feature what it depends on. */
export function pluginLines(plugins: readonly LoadedPlugin[]): string[] {
  const lines = ["", "List of loaded Plugins:", ""];
  for (const { name, features } of plugins) {
    lines.push(`${name}:`);
    for (const { feature, loaded, depends } of features) {
      lines.push(`    ${feature}${loaded ? "" : " (not loaded)"}`);
      for (const { feature: needed, soft } of depends) lines.push(`        ${needed}${soft ? " (soft)" : ""}`);
    }
  }
  return lines;
}
