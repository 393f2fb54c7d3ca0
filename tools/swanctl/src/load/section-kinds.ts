import { systemReason } from "@cygnet/command";
import type { SettingsView } from "@cygnet/settings";
import type { MessageData } from "@cygnet/vici";
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Context } from "../context.js";
import { ask } from "../request.js";
import { connectionData } from "./connection-data.js";
import { listItems, swanctlFolder } from "./conf-file.js";
import type { SectionKind } from "./load-sections.js";

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
  return connectionData(section, (key, folder, file) => certificateFile(context, key, folder, file));
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
