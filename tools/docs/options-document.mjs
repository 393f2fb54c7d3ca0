// The text of docs/options.md, from the option tables in the code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { charonOptions } from "@cygnet/daemon";
import { FILELOG_OPTIONS, LOG_GROUP_OPTIONS, SYSLOG_IDENTIFIER_OPTIONS, SYSLOG_OPTIONS, describeOptions } from "@cygnet/runtime";

const root = join(import.meta.dirname, "../..");

const HEAD = `# Options of strongswan.conf

Generated from the option tables in the code by \`npm run docs\`; a test compares. Names, types and defaults are strongSwan's. The column
"reload" says whether a reload (SIGHUP to the daemon) applies a change; the others need a restart.

Types: \`bool\` is yes/no, true/false, enabled/disabled or 1/0; \`time\` is a number with s, m, h or d behind it, seconds without; a \`list\` is
separated by blanks or commas; a \`section\` has keys of the operator's choice. Ranges are inclusive. An unusable value stops the start with
file, line and column. Where strongSwan goes on with another value (the nearest one for a log level or \`retransmit_jitter\` out of range, the
default for \`on\` or \`off\`), so does this daemon, with a line in the log. Beside their own options, all plugins have
\`charon.plugins.NAME.load\` (yes, no or a priority) and \`charon.plugins.NAME.package\` (where a plugin from outside the repository lies).
`;

/**
 * @returns {Promise<string>} the document, as Prettier leaves it alone
 */
export async function optionsDocument() {
  const groups = [
    { section: "charon", options: charonOptions },
    {
      section: "charon.filelog.NAME",
      description: "One section per file. NAME may also be `stdout` or `stderr`.",
      options: { ...FILELOG_OPTIONS, ...LOG_GROUP_OPTIONS },
    },
    { section: "charon.syslog", options: SYSLOG_IDENTIFIER_OPTIONS },
    {
      section: "charon.syslog.FACILITY",
      description: "One section per facility, such as `daemon` and `auth`.",
      options: { ...SYSLOG_OPTIONS, ...LOG_GROUP_OPTIONS },
    },
  ];
  for (const name of readdirSync(join(root, "plugins")).sort()) {
    const { description } = JSON.parse(readFileSync(join(root, "plugins", name, "package.json"), "utf8"));
    const { default: plugin } = await import(`@cygnet/plugin-${name}`);
    if (plugin.options !== undefined)
      groups.push({ section: `charon.plugins.${name}`, description: `${description}.`, options: plugin.options });
  }
  return `${HEAD}\n${describeOptions(groups)}`;
}
