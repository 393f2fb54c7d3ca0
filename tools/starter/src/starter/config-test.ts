import { formatConfMessage } from "../conf/conf-message.js";
import { IpsecConfError } from "../conf/ipsec-conf-error.js";
import { loadIpsecConf } from "../conf/load-ipsec-conf.js";
import type { LoadOptions } from "../conf/load-ipsec-conf.js";

/**
 * `--conftest`: tells everything about a configuration and ends with `config OK` or `config invalid!`.
 *
 * @returns whether the daemon could be started with it; the program exits with 0 or 2
 */
export function testConfig(file: string, print: (line: string) => void, options: LoadOptions = {}): boolean {
  let valid = false;
  try {
    const loaded = loadIpsecConf(file, options);
    for (const message of loaded.messages) print(formatConfMessage(message));
    valid = loaded.fatal === 0;
  } catch (error) {
    if (!(error instanceof IpsecConfError)) throw error;
    for (const message of error.messages) print(formatConfMessage(message));
  }
  print(valid ? "config OK" : "config invalid!");
  return valid;
}
