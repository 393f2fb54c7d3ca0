import { fileURLToPath } from "node:url";

const STOCK_SCRIPT = fileURLToPath(new URL("../scripts/_updown", import.meta.url));

/** What starter sends for `leftfirewall = yes`, and what may stand in configurations: strongSwan's own script by its `ipsec` command. */
const BY_IPSEC = /^\s*ipsec\s+_updown(?=\s|$)/;

/**
 * The shell command for a script of a configuration. `ipsec _updown` is the script of this package, so that it needs no strongSwan; anything
 * else stays as it is.
 */
export function commandOf(script: string): string {
  // A function as replacement: a `$` in the path means nothing.
  return script.replace(BY_IPSEC, () => `/bin/sh '${STOCK_SCRIPT.replaceAll("'", "'\\''")}'`);
}
