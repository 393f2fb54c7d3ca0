/**
 * Command line of the daemon, as far as it comes from `config setup`.
 */

import type { SetupConfig } from "../conf/starter-config.js";

/** Log groups that the daemon has a `--debug-GROUP` option for. */
const GROUPS: ReadonlySet<string> = new Set("dmn mgr ike chd job cfg knl net asn enc tnc imc imv pts tls app esp lib".split(" "));

/** The arguments, and what of `charondebug` makes none. */
export interface DaemonArguments {
  readonly args: readonly string[];
  readonly ignored: readonly string[];
}

/**
 * `--use-syslog` where asked for, and `--debug-GROUP LEVEL` for every `GROUP LEVEL` in charondebug.
 *
 * strongSwan stops reading charondebug at the first item that it does not understand; here such items are skipped and returned.
 */
export function daemonArguments(setup: SetupConfig, options: { readonly useSyslog: boolean }): DaemonArguments {
  const args = options.useSyslog ? ["--use-syslog"] : [];
  const ignored: string[] = [];
  for (const item of (setup.charondebug ?? "").split(",")) {
    const words = item.trim();
    if (words === "") continue;
    const match = /^(\S+)\s+(-?\d+)$/.exec(words);
    if (match === null || !GROUPS.has(match[1])) ignored.push(words);
    else args.push(`--debug-${match[1]}`, match[2]);
  }
  return { args, ignored };
}
