// The text of docs/plugins.md, from the definitions of the plugins and their package.json.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CORE_PARTS, DEFAULT_PLUGINS, corePart } from "@cygnet/daemon";
import { readOptions } from "@cygnet/runtime";
import { Settings } from "@cygnet/settings";

const root = join(import.meta.dirname, "../..");

const HEAD = `# Plugins

Generated from the definitions of the plugins by \`npm run docs\`; a test compares. Names of plugins and features are strongSwan's. Features that depend on
options are those with the defaults. A plugin is loaded where \`charon.load\` names it, or its snippet with \`load_modular\`; those that say so also where neither is set.
\`cygnet plugins\` tells what a daemon has, \`cygnet plugins doctor\` what a configuration would load.

A feature lives on control (once), on the shards (each has its own), or on all threads; with one shard there is one thread only
([architecture](architecture.md)). Options are described in [options.md](options.md); "reload" names those that a reload applies. What strongSwan
has and this release does not is in the [README](../README.md).
`;

const PLACES = { control: "control", shard: "the shards", both: "all threads" };

/**
 * @returns {Promise<string>} the document, as Prettier leaves it alone
 */
export async function pluginsDocument() {
  const parts = [HEAD];
  for (const name of readdirSync(join(root, "plugins")).sort()) {
    const manifest = JSON.parse(readFileSync(join(root, "plugins", name, "package.json"), "utf8"));
    const { default: plugin } = await import(`@cygnet/plugin-${name}`);
    parts.push(describePlugin(plugin, manifest));
  }
  parts.push(coreParts());
  return parts.join("\n");
}

function coreParts() {
  const rows = CORE_PARTS.map(
    (name) =>
      `| \`${name}\` | ${corePart(name)
        .features({})
        .map(({ provides }) => code(String(provides)))
        .join(" ")} |`,
  );
  return `## Parts of the core

Plugins of strongSwan whose work is the daemon's own. They load by name, so that a configuration's list is taken as it is; what they do is done
whether they are loaded or not. Keys and signatures are those of \`openssl\`. \`pkcs7\` is there for its name only: strongSwan's daemon takes certificates in PKCS#7 with IKEv1,
not with IKEv2, \`pkcs12\` opens its containers as a whole, and \`cygnet pki --pkcs7\` needs no plugin.

| plugin | provides |
| --- | --- |
${rows.join("\n")}
`;
}

function describePlugin(plugin, { description, cygnet }) {
  const values = readOptions(plugin.options ?? {}, Settings.empty.section(["charon", "plugins", plugin.name]));
  const features = plugin.features(values);
  const facts = [
    ["loaded by default", DEFAULT_PLUGINS.includes(plugin.name) ? loadedText(plugin, values) : "no"],
    ...byPlace(features).map(([place, names]) => [`provides, on ${place}`, names.map(code).join(" ")]),
    [
      "needs",
      unique(features.flatMap(({ depends = [] }) => depends.map(String)))
        .map(code)
        .join(" "),
    ],
    [
      "uses where it is there",
      unique(features.flatMap(({ softDepends = [] }) => softDepends.map(String)))
        .map(code)
        .join(" "),
    ],
    ["options", optionNames(plugin, () => true)],
    ["of these, reload", optionNames(plugin, ({ reloadable }) => reloadable)],
    ["differs from strongSwan", cygnet.strongSwan],
  ].filter(([, text]) => text !== "");
  return [
    `## ${plugin.name}\n`,
    `${description}. [More](../plugins/${plugin.name}/README.md)\n`,
    "| | |\n| --- | --- |",
    ...facts.map(([title, text]) => `| ${title} | ${text.replaceAll("|", "\\|")} |`),
    "",
  ].join("\n");
}

function loadedText(plugin, values) {
  return plugin.disabled?.(values) === undefined ? "yes" : "yes, once its options switch it on";
}

function byPlace(features) {
  const places = new Map();
  for (const { provides, on = "shard" } of features) {
    const place = PLACES[on];
    places.set(place, [...(places.get(place) ?? []), String(provides)]);
  }
  return [...places];
}

/** Those below `charon.plugins.NAME` by their keys, those of the daemon's section with it. */
function optionNames({ options = {}, charonOptions = {} }, isWanted) {
  const keys = (table) => Object.keys(table).filter((key) => isWanted(table[key]));
  return [...keys(options), ...keys(charonOptions).map((key) => `charon.${key}`)].map(code).join(" ");
}

const code = (text) => `\`${text}\``;
const unique = (names) => [...new Set(names)];
