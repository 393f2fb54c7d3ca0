import { loadSettings } from "@cygnet/settings";
import type { Settings } from "@cygnet/settings";
import { dirname, join } from "node:path";
import type { Context } from "../context.js";

const DEFAULT_FOLDER = "/etc/swanctl";

/** Where the credentials are: beside the file of `--file`, else in `SWANCTL_DIR`, else in /etc/swanctl. */
export function swanctlFolder({ options, system }: Context): string {
  const file = options.text("file");
  return file === undefined ? system.env["SWANCTL_DIR"] || DEFAULT_FOLDER : dirname(file);
}

/**
 * swanctl.conf, or the file of `--file`.
 * @throws {ConfigError} when it cannot be read or parsed; nothing is unloaded then
 */
export function loadSwanctlConf(context: Context): Settings {
  const { settings, warnings } = loadSettings(context.options.text("file") ?? join(swanctlFolder(context), "swanctl.conf"));
  for (const { message } of warnings) context.terminal.err(`${message}\n`);
  return settings;
}

/** Items of a list: separated by commas, without blanks around them. */
export function listItems(text: string): string[] {
  return text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}
