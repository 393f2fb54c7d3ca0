import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ConfFiles } from "../src/conf/conf-files.js";
import { loadIpsecConf } from "../src/conf/load-ipsec-conf.js";
import type { LoadedConf } from "../src/conf/load-ipsec-conf.js";
import type { NameDatabase } from "../src/conf/name-database.js";

/** A file system in memory; directories exist where a file is below them. */
export function memoryFiles(contents: Record<string, string>): ConfFiles {
  const missing = (path: string): Error => Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
  const below = (directory: string): string[] =>
    Object.keys(contents).filter((name) => name.startsWith(`${directory.replace(/\/$/, "")}/`));
  return {
    read(path) {
      if (!Object.hasOwn(contents, path)) throw missing(path);
      return contents[path];
    },
    list(directory) {
      const prefix = `${directory.replace(/\/$/, "")}/`;
      const found = below(directory);
      if (found.length === 0) throw missing(directory);
      return [...new Set(found.map((name) => name.slice(prefix.length).split("/")[0]))];
    },
    exists: (path) => Object.hasOwn(contents, path) || below(path).length > 0,
    isDirectory: (path) => !Object.hasOwn(contents, path) && below(path).length > 0,
    modifiedMs: () => 0,
  };
}

/** Independent of /etc/services on the machine that runs the tests. */
export const NAMES: NameDatabase = {
  protocol: (name) => ({ icmp: 1, tcp: 6, udp: 17, "ipv6-icmp": 58 })[name],
  service: (name) => ({ http: 80, "iso-tsap": 102 })[name],
};

export const MAIN = "/etc/ipsec.conf";

/** Loads a text as the main file. */
export function load(text: string, others: Record<string, string> = {}): LoadedConf {
  return loadIpsecConf(MAIN, { files: memoryFiles({ [MAIN]: text, ...others }), names: NAMES });
}

/** A JSON file of this package's test vectors. */
export function vectors<T>(name: string): T {
  return JSON.parse(readFileSync(fileURLToPath(new URL(`./vectors/${name}`, import.meta.url)), "utf8")) as T;
}
