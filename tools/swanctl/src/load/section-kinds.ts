import type { SettingsView } from "@cygnet/settings";
import type { MessageData } from "@cygnet/vici";
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Context } from "../context.js";
import { ask } from "../request.js";
import { systemReason } from "../system-reason.js";
import { listItems, swanctlFolder } from "./conf-file.js";
import type { SectionKind } from "./load-sections.js";

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
const AUTHORITY_LIST_KEYS: ReadonlySet<string> = new Set(["crl_uris", "ocsp_uris"]);

export const CONNECTIONS: SectionKind = {
  singular: "connection",
  plural: "connections",
  loadCommand: "load-conn",
  unloadCommand: "unload-conn",
  loaded: (context) => loadedNames(context, "get-conns", "conns"),
  request: connectionRequest,
};

export const AUTHORITIES: SectionKind = {
  singular: "authority",
  plural: "authorities",
  loadCommand: "load-authority",
  unloadCommand: "unload-authority",
  loaded: (context) => loadedNames(context, "get-authorities", "authorities"),
  request(context, section) {
    const data: Record<string, MessageData[string]> = {};
    for (const [key, value] of section.entries()) {
      if (AUTHORITY_LIST_KEYS.has(key)) data[key] = listItems(value);
      else if (key === "cacert") {
        const content = certificateFile(context, "ca", "x509ca", value);
        if (content === undefined) return undefined;
        data[key] = content;
      } else data[key] = value;
    }
    return data;
  },
};

export const POOLS: SectionKind = {
  singular: "pool",
  plural: "pools",
  loadCommand: "load-pool",
  unloadCommand: "unload-pool",
  async loaded({ client, reporter }) {
    const { message } = await ask(client, "get-pools");
    reporter.reply("get-pools", message);
    return message.names;
  },
  request: (_context, section) =>
    Object.fromEntries(section.entries().map(([key, value]) => [key, key === "addrs" ? value : listItems(value)])),
};

async function loadedNames({ client, reporter }: Context, command: string, list: string): Promise<readonly string[]> {
  const { message } = await ask(client, command);
  reporter.reply(command, message);
  return message.list(list) ?? [];
}

function connectionRequest(context: Context, section: SettingsView): MessageData | undefined {
  const data: Record<string, MessageData[string]> = {};
  for (const [key, value] of section.entries()) {
    const folder = FILE_KEYS.get(key);
    if (folder !== undefined) {
      const files: Uint8Array[] = [];
      for (const file of listItems(value)) {
        const content = certificateFile(context, key, folder, file);
        if (content === undefined) return undefined;
        files.push(content);
      }
      data[key] = files;
    } else data[key] = LIST_KEYS.has(key) ? listItems(value) : value;
  }
  for (const name of section.sections()) {
    const inner = connectionRequest(context, section.section([name]));
    if (inner === undefined) return undefined;
    data[name] = inner;
  }
  return data;
}

/** @returns undefined where it cannot be read, which is told */
function certificateFile(context: Context, kind: string, folder: string, file: string): Uint8Array | undefined {
  const path = isAbsolute(file) ? file : join(swanctlFolder(context), folder, file);
  try {
    return readFileSync(path);
  } catch (error) {
    context.terminal.err(`loading ${kind} certificate '${path}' failed: ${systemReason(error)}\n`);
    return undefined;
  }
}
