import type { SettingsView } from "@cygnet/settings";
import type { MessageData } from "@cygnet/vici";
import { listItems } from "./conf-file.js";

/** Keys whose values are lists separated by commas. */
const LIST_KEYS: ReadonlySet<string> = new Set([
  "local_addrs",
  "remote_addrs",
  "proposals",
  "esp_proposals",
  "ah_proposals",
  "local_ts",
  "remote_ts",
  "vips",
  "pools",
  "groups",
  "cert_policy",
]);
/** Keys that are lists of files, and the folder of those without a path. The daemon gets what is in the files. */
const FILE_KEYS: ReadonlyMap<string, string> = new Map([
  ["certs", "x509"],
  ["cacerts", "x509ca"],
  ["pubkeys", "pubkey"],
]);

/** What stands for a file that an option lists: its octets, or undefined where it cannot be read. */
export type ReadListedFile = (option: string, folder: string, file: string) => Uint8Array | undefined;

/**
 * The request of a connection's section of swanctl.conf.
 * @returns undefined where a file cannot be read
 */
export function connectionData(section: SettingsView, readFile: ReadListedFile): MessageData | undefined {
  const data: Record<string, MessageData[string]> = {};
  for (const [key, value] of section.entries()) {
    const folder = FILE_KEYS.get(key);
    if (folder !== undefined) {
      const files: Uint8Array[] = [];
      for (const file of listItems(value)) {
        const content = readFile(key, folder, file);
        if (content === undefined) return undefined;
        files.push(content);
      }
      data[key] = files;
    } else data[key] = LIST_KEYS.has(key) ? listItems(value) : value;
  }
  for (const name of section.sections()) {
    const inner = connectionData(section.section([name]), readFile);
    if (inner === undefined) return undefined;
    data[name] = inner;
  }
  return data;
}
