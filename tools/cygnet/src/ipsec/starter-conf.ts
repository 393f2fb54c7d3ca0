import { readFileSync, readlinkSync } from "node:fs";
import { resolve } from "node:path";
import { IpsecConfError, StarterUsageError, formatConfMessage, loadIpsecConf, parseStarterOptions } from "@cygnet/starter";
import { readOptions } from "@cygnet/runtime";
import type { ConfMessage } from "@cygnet/starter";
import type { IpsecArguments } from "./ipsec-arguments.js";
import { readSection } from "./ipsec-paths.js";
import { STARTER_OPTIONS } from "./starter-options.js";

/** Path of ipsec.conf for a starter that is told nothing on its command line. */
export function configuredConf(args: IpsecArguments): string {
  const section = readSection(args, "starter");
  return section ? readOptions(STARTER_OPTIONS, section).config_file : STARTER_OPTIONS.config_file.default;
}

/** The ipsec.conf that a running starter reads, by its command line. */
export function confOfStarter(pid: number, args: IpsecArguments): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    // `node cygnet.js ipsec ... start OPTIONS` for ours, `starter OPTIONS` for strongSwan's.
    const command = words.findLastIndex((word) => word === "start" || word === "restart");
    const { conf } = parseStarterOptions(words.slice(Math.max(0, command) + 1));
    return conf === undefined ? configuredConf(args) : resolve(readlinkSync(`/proc/${pid}/cwd`), conf);
  } catch (error) {
    // Somebody else's process shows its folder to nobody, and options of other programs are not ours to know.
    if (!(error instanceof StarterUsageError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    return configuredConf(args);
  }
}

/**
 * Looks whether starter would take an ipsec.conf, as only its log would tell.
 * @param say gets a line for each fault, with file, line and reason
 */
export function isUsableConf(file: string, say: (line: string) => void): boolean {
  const tell = (messages: readonly ConfMessage[]): void => messages.forEach((message) => say(formatConfMessage(message)));
  try {
    const { messages, fatal } = loadIpsecConf(file);
    tell(messages);
    return fatal === 0;
  } catch (error) {
    if (!(error instanceof IpsecConfError)) throw error;
    tell(error.messages);
    return false;
  }
}
