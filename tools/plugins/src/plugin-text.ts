import type { FeatureReport, OptionReport } from "@cygnet/plugin-api";
import { threadsOf } from "./plugin-rows.js";
import type { PluginRow } from "./plugin-rows.js";

const HEAD = ["plugin", "version", "state", "lives on", "features", ""];

/** A line for each plugin. */
export function tableText(rows: readonly PluginRow[]): string {
  const cells = rows.map((row) => [
    row.critical ? `${row.name}!` : row.name,
    row.version ?? "",
    row.state,
    threadsOf(row),
    countText(row.features),
    row.state === "loaded" || row.state === "installed" ? (row.description ?? "") : (row.reason ?? ""),
  ]);
  const widths = HEAD.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  return [HEAD, ...cells]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** All that there is to say of a plugin. */
export function detailsText(row: PluginRow): string {
  const lines = [
    [row.name, row.version, `${row.state}${row.critical ? ", critical" : ""}`].filter((part) => part !== undefined).join("  "),
    ...(row.description === undefined ? [] : [`  ${row.description}`]),
    ...(row.reason === undefined ? [] : [`  not loaded: ${row.reason}`]),
    ...row.features.map(featureText),
    ...row.options.map(optionText),
  ];
  return `${lines.join("\n")}\n`;
}

const PLACES: Readonly<Record<FeatureReport["on"], string>> = { control: "control", shard: "shards", both: "all threads" };

function featureText({ feature, on, loaded, reason }: FeatureReport): string {
  return `  ${feature} on ${PLACES[on]}${loaded ? "" : `, not loaded: ${reason ?? "unknown"}`}`;
}

function optionText({ key, value, afterRestart, place, reloadable }: OptionReport): string {
  const notes = [
    place ?? "default",
    ...(afterRestart === undefined ? [] : [`'${afterRestart}' after a restart`]),
    ...(reloadable ? ["reloadable"] : []),
  ];
  return `  ${key} = ${value ?? ""}${value === undefined ? "" : " "}(${notes.join(", ")})`;
}

function countText(features: readonly FeatureReport[]): string {
  if (features.length === 0) return "";
  const loaded = features.filter((feature) => feature.loaded).length;
  return loaded === features.length ? String(loaded) : `${loaded} of ${features.length}`;
}
