// The text of docs/options.md, from the option tables in the code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { charonGroups } from "@cygnet/daemon";
import { STARTER_OPTIONS } from "@cygnet/cli";
import { describeOptions } from "@cygnet/runtime";
import { SWANCTL_OPTIONS } from "@cygnet/swanctl";

const root = join(import.meta.dirname, "../..");

const HEAD = `# Options of strongswan.conf

Generated from the option tables in the code by \`npm run docs\`; a test compares. Names, types and defaults are strongSwan's. The column
"reload" says whether a reload (SIGHUP to the daemon) applies a change; the others need a restart.

Types: \`bool\` is yes/no, true/false, enabled/disabled or 1/0; \`time\` is a number with s, m, h or d behind it, seconds without; a \`list\` is
separated by blanks or commas; a \`section\` has keys of the operator's choice. Ranges are inclusive. An unusable value stops the start with
file, line and column; one of a plugin that is not critical keeps that plugin from loading, in one line of the log. Where strongSwan goes on with another value (the nearest one for a log level or \`retransmit_jitter\` out of range, the
default for \`on\` or \`off\`), so does this daemon, with a line in the log. Beside their own options, all plugins have
\`charon.plugins.NAME.load\` (yes, no or a priority) and \`charon.plugins.NAME.package\` (where a plugin from outside the repository lies).

Options of \`charon\` and of loaded plugins that are not listed here are told in the log at start and at reload, with file and line: as unknown,
or as an option of strongSwan that has no effect in this release.
`;

const STARTER = { section: "starter", description: "What `cygnet ipsec` reads beside ipsec.conf.", options: STARTER_OPTIONS };

const SWANCTL = { section: "swanctl", description: "What `cygnet swanctl` reads beside swanctl.conf.", options: SWANCTL_OPTIONS };

/**
 * @returns {Promise<string>} the document, as Prettier leaves it alone
 */
export async function optionsDocument() {
  const [charon, ...logs] = charonGroups;
  const ofPlugins = {};
  const plugins = [];
  for (const name of readdirSync(join(root, "plugins")).sort()) {
    const { description } = JSON.parse(readFileSync(join(root, "plugins", name, "package.json"), "utf8"));
    const { default: plugin } = await import(`@cygnet/plugin-${name}`);
    Object.assign(ofPlugins, plugin.charonOptions);
    if (plugin.options !== undefined)
      plugins.push({ section: `charon.plugins.${name}`, description: `${description}.`, options: plugin.options });
  }
  const groups = [{ ...charon, options: { ...charon.options, ...ofPlugins } }, ...logs, ...plugins, STARTER, SWANCTL];
  return `${HEAD}\n${describeOptions(groups)}`;
}
