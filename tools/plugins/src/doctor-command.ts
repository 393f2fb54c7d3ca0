import { ExitCode } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import type { Rehearsal } from "@cygnet/daemon";
import type { PluginReport } from "@cygnet/plugin-api";
import type { PluginsArguments } from "./arguments.js";
import { readConfiguration } from "./configuration.js";
import { rehearsalOf } from "./list-command.js";

const COLUMNS = 110;
const INDENT = " ".repeat(6);

/** Something that the configuration asks for and does not get. */
export interface MissingPart {
  readonly plugin: string;
  /** Unset where the plugin itself is missing. */
  readonly feature?: string;
  readonly critical: boolean;
  readonly reason: string;
}

/** What the doctor found. */
export interface Diagnosis {
  readonly conf: string | null;
  /** Plugins with their features, in the order of their registration; one whose features are apart is there more than once. */
  readonly order: readonly { readonly plugin: string; readonly features: readonly string[] }[];
  readonly missing: readonly MissingPart[];
  /** Features that others would use and do without. */
  readonly optional: readonly { readonly plugin: string; readonly feature: string; readonly without: string }[];
  readonly off: readonly { readonly plugin: string; readonly reason: string }[];
  /** Sentences with places: sections of plugins that are not loaded, and options that nothing reads. */
  readonly unused: readonly string[];
  readonly warnings: readonly string[];
  /** Why the daemon would not start. */
  readonly refusals: readonly string[];
}

/** `cygnet plugins doctor`. @returns the exit code @throws {UsageError} */
export async function doctorCommand(args: PluginsArguments, terminal: Terminal): Promise<number> {
  const configuration = readConfiguration(args);
  const rehearsal = await rehearsalOf(configuration, args.namespace);
  const diagnosis = diagnose(configuration.path, { ...rehearsal, warnings: [...configuration.warnings, ...rehearsal.warnings] });
  terminal.out(args.json ? `${JSON.stringify(diagnosis)}\n` : diagnosisText(diagnosis));
  if (diagnosis.refusals.length > 0) return ExitCode.INITIALIZATION;
  const { missing, unused, warnings } = diagnosis;
  return missing.length + unused.length + warnings.length > 0 ? ExitCode.FAILED : ExitCode.OK;
}

/** What a rehearsal comes to. */
export function diagnose(conf: string | undefined, rehearsal: Rehearsal): Diagnosis {
  const { plugins, refusals, warnings, unread, unused } = rehearsal;
  return {
    conf: conf ?? null,
    order: orderOf(rehearsal),
    missing: plugins.flatMap(missingOf),
    optional: optionalOf(plugins),
    off: plugins.flatMap(({ name, isSwitchedOff, reason = "" }) => (isSwitchedOff === true ? [{ plugin: name, reason }] : [])),
    unused: [
      ...unused.map(
        ({ plugin, place }) =>
          `${place === undefined ? "" : `${place}: `}plugin '${plugin}' is not loaded, its options are unused`,
      ),
      ...unread,
    ],
    warnings,
    refusals,
  };
}

function orderOf({ order }: Rehearsal): Diagnosis["order"] {
  const groups: { readonly plugin: string; readonly features: string[] }[] = [];
  for (const { plugin, feature } of order) {
    const last = groups.at(-1);
    if (last?.plugin === plugin) last.features.push(feature);
    else groups.push({ plugin, features: [feature] });
  }
  return groups;
}

function missingOf({ name: plugin, critical, features, reason, isSwitchedOff, loaded }: PluginReport): MissingPart[] {
  if (isSwitchedOff === true) return [];
  const parts = features.flatMap(({ feature, loaded: isThere, reason: why = "unknown" }) =>
    isThere ? [] : [{ plugin, feature, critical, reason: why }],
  );
  return parts.length > 0 || loaded ? parts : [{ plugin, critical, reason: reason ?? "unknown" }];
}

function optionalOf(plugins: readonly PluginReport[]): Diagnosis["optional"] {
  const provided = new Set(
    plugins.flatMap(({ features }) => features.filter(({ loaded }) => loaded).map(({ feature }) => feature)),
  );
  return plugins.flatMap(({ name, features }) =>
    features
      .filter(({ loaded }) => loaded)
      .flatMap(({ feature, depends }) =>
        depends
          // A better random number generator does as well.
          .filter(({ soft, feature: needed }) => soft && !provided.has(needed) && !needed.startsWith("RNG:"))
          .map(({ feature: without }) => ({ plugin: name, feature, without })),
      ),
  );
}

function diagnosisText({ conf, order, missing, optional, off, unused, warnings, refusals }: Diagnosis): string {
  const paragraphs = [
    [
      "Would load, in this order:",
      ...order.map(({ plugin, features }, at) => wrap(`${String(at + 1).padStart(4)}  ${plugin}:`, features)),
    ],
    ["Missing:", ...missing.map((part) => `  ${missingText(part)}`)],
    ["Does without:", ...optionalLines(optional)],
    ["Switched off:", ...off.map(({ plugin, reason }) => `  plugin '${plugin}': ${reason}`)],
    ["Unused:", ...unused.map((line) => `  ${line}`)],
    ["Taken otherwise than written, or not at all:", ...warnings.map((line) => `  ${line}`)],
    ["The daemon would not start:", ...refusals.map((line) => `  ${line}`)],
  ].filter((lines) => lines.length > 1);
  const verdict = missing.length + unused.length + warnings.length + refusals.length === 0 ? "Nothing is amiss.\n" : "";
  const title = `${conf ?? "The built-in settings"}\n`;
  return [title, ...paragraphs.map((lines) => `${lines.join("\n")}\n`), verdict].filter((text) => text !== "").join("\n");
}

function optionalLines(optional: Diagnosis["optional"]): string[] {
  const byPlugin = new Map<string, Set<string>>();
  for (const { plugin, without } of optional) byPlugin.set(plugin, (byPlugin.get(plugin) ?? new Set()).add(without));
  return [...byPlugin].map(([plugin, features]) => wrap(`  '${plugin}':`, [...features]));
}

function missingText({ plugin, feature, critical, reason }: MissingPart): string {
  const owner = `${critical ? "critical " : ""}plugin '${plugin}'`;
  return feature === undefined ? `${owner}: ${reason}` : `${feature} of ${owner}: ${reason}`;
}

function wrap(head: string, words: readonly string[]): string {
  const lines = [head];
  for (const word of words) {
    const last = lines[lines.length - 1]!;
    if (`${last} ${word}`.length <= COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${INDENT}${word}`);
  }
  return lines.join("\n");
}
