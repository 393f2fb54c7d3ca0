import { formatDuration, formatTime } from "@cygnet/plugin-api";
import type { PerPriority, RegisteredAlgorithm } from "@cygnet/plugin-api";
import type { MessageData } from "@cygnet/vici";
import { CommandFailed, DONE } from "./command.js";
import type { Command } from "./command.js";

/** Section of the answer and kind of the algorithms in it, in strongSwan's order. */
const ALGORITHM_SECTIONS: readonly (readonly [section: string, kind: RegisteredAlgorithm["kind"]])[] = [
  ["encryption", "encryption"],
  ["integrity", "integrity"],
  ["aead", "aead"],
  ["hasher", "hasher"],
  ["prf", "prf"],
  ["xof", "xof"],
  ["kdf", "kdf"],
  ["drbg", "drbg"],
  ["ke", "dh-group"],
  ["rng", "random-gen"],
  ["nonce-gen", "nonce-gen"],
];

/** `version`. Programs compare it as a number, so what is ours has a key of its own. */
export const version: Command = async (_request, { controller, system }) => {
  const [compatible, ...own] = (await controller.status()).version.split(" ");
  return {
    daemon: "charon",
    version: compatible,
    sysname: system.type,
    release: system.release,
    machine: system.machine,
    implementation: own.length > 0 ? own.join(" ") : undefined,
  };
};

/** `stats` */
export const stats: Command = async (_request, { controller, pluginCommands }) => {
  const pluginLines = (await pluginCommands()?.statusLines()) ?? [];
  const { processor, ...status } = await controller.status();
  const { heapTotal, heapUsed, external } = process.memoryUsage();
  return {
    uptime: { running: formatDuration(status.uptimeSeconds), since: formatTime(status.startedMs) },
    workers: { total: processor.total, idle: processor.idle, active: byPriority(processor.working) },
    queues: byPriority(processor.queued),
    scheduled: processor.scheduled,
    ikesas: { total: status.ikeSas, "half-open": status.halfOpen },
    plugins: status.plugins,
    // strongSwan has no such key, so it is there only where a plugin has something to say.
    ...(pluginLines.length > 0 && { "plugin-status": pluginLines }),
    // What mallinfo(3) is to a program in C: the heap, what is outside of it, and how much of the heap is in use.
    mallinfo: { sbrk: heapTotal, mmap: external, used: heapUsed, free: heapTotal - heapUsed },
  };
};

/** `get-plugins`, which strongSwan does not have: a `PluginReport` each as JSON, as a value of a message has no room for all of them. */
export const getPlugins: Command = async (_request, { controller }) => ({
  plugins: (await controller.plugins()).map((report) => JSON.stringify(report)),
});

/** `get-plugin-commands`, which strongSwan does not have: names and descriptions of those that plugins added. */
export const getPluginCommands: Command = (_request, { pluginCommands }) => ({
  commands: Object.fromEntries((pluginCommands()?.list() ?? []).map(({ name, description }) => [name, { description }])),
});

/** `reload-settings`: strongswan.conf, with the old one still in force where the new one cannot be used. */
export const reloadSettings: Command = async (_request, { controller }) => {
  try {
    await controller.reloadSettings();
  } catch (error) {
    throw new CommandFailed(`reloading settings failed: ${(error as Error).message}`);
  }
  return DONE;
};

/** `get-algorithms` */
export const getAlgorithms: Command =
  (_request, { algorithms }) =>
  (writer) => {
    const all = algorithms();
    for (const [section, kind] of ALGORITHM_SECTIONS) {
      writer.beginSection(section);
      for (const each of all) if (each.kind === kind) writer.value(nameOf(each), each.plugin);
      writer.endSection();
    }
  };

/** Nonce generators have no names of their own. */
const nameOf = ({ kind, name }: RegisteredAlgorithm): string => (kind === "nonce-gen" ? "NONCE_GEN" : name);

const byPriority = ([critical, high, medium, low]: PerPriority): MessageData => ({ critical, high, medium, low });
