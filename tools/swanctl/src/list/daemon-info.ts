import type { Section } from "@cygnet/vici";
import { SwanctlExit } from "../context.js";
import type { Run } from "../context.js";
import { named } from "../control/control-commands.js";
import { ask } from "../request.js";

/** `swanctl --version --daemon`: what the daemon says that it is. */
export const daemonVersion: Run = async ({ client, reporter, terminal }) => {
  const { message } = await ask(client, "version");
  reporter.reply("version", message);
  const told = (name: string): string => message.text(name) ?? "";
  if (reporter.isText)
    terminal.out(
      `strongSwan ${told("version")} ${told("daemon")} (${told("sysname")}, ${told("release")}, ${told("machine")})\n`,
    );
  return SwanctlExit.OK;
};

export const stats: Run = async ({ client, reporter, terminal }) => {
  const { message } = await ask(client, "stats");
  reporter.reply("stats", message);
  if (reporter.isText) terminal.out(statsText(message));
  return SwanctlExit.OK;
};

export const listAlgs: Run = async ({ client, reporter, terminal }) => {
  const { message } = await ask(client, "get-algorithms");
  reporter.reply("get-algorithms", message);
  if (reporter.isText)
    for (const [kind, algorithms] of message.sections())
      terminal.out(`${kind}:\n${algorithms.names.map((name) => `  ${name}[${algorithms.text(name) ?? ""}]\n`).join("")}`);
  return SwanctlExit.OK;
};

/** Lists the counters, or with `--reset` sets them to 0. */
export const counters: Run = async (context) => {
  const { client, reporter, terminal, options } = context;
  const command = options.has("reset") ? "reset-counters" : "get-counters";
  const { message, failure } = await ask(client, command, {
    ...(options.has("all") ? { all: true } : {}),
    ...named(context, "name"),
  });
  reporter.reply("counters", message);
  if (!reporter.isText) return failure !== undefined && reporter.format === "json" ? SwanctlExit.FAILED : SwanctlExit.OK;
  if (failure !== undefined) {
    terminal.err(`${command} failed: ${failure}\n`);
    return SwanctlExit.FAILED;
  }
  if (options.has("reset")) terminal.out("reset-counters completed successfully\n");
  for (const [name, values] of message.section("counters")?.sections() ?? [])
    terminal.out(
      `${name === "" ? "global" : name}:\n${values.names.map((key) => `  ${key.padEnd(21)} : ${values.text(key) ?? ""}\n`).join("")}`,
    );
  return SwanctlExit.OK;
};

function statsText(message: Section): string {
  const at = (path: readonly string[]): string => {
    const section = path.slice(0, -1).reduce<Section | undefined>((outer, name) => outer?.section(name), message);
    return section?.text(path[path.length - 1]!) ?? "";
  };
  const byPriority = (...path: readonly string[]): string =>
    ["critical", "high", "medium", "low"].map((priority) => at([...path, priority])).join("/");
  const lines = [
    `uptime: ${at(["uptime", "running"])}, since ${at(["uptime", "since"])}`,
    `worker threads: ${at(["workers", "total"])} total, ${at(["workers", "idle"])} idle, working: ${byPriority("workers", "active")}`,
    `job queues: ${byPriority("queues")}`,
    `jobs scheduled: ${at(["scheduled"])}`,
    `IKE_SAs: ${at(["ikesas", "total"])} total, ${at(["ikesas", "half-open"])} half-open`,
  ];
  if (message.section("mem") !== undefined)
    lines.push(`memory usage: ${at(["mem", "total"])} bytes, ${at(["mem", "allocs"])} allocations`);
  const mallinfo = ["sbrk", "mmap", "used", "free"].map((name) => `${name} ${at(["mallinfo", name])}`);
  if (message.section("mallinfo") !== undefined) lines.push(`mallinfo: ${mallinfo.join(", ")}`);
  lines.push(`loaded plugins: ${(message.list("plugins") ?? []).join(" ")}`);
  return `${lines.join("\n")}\n`;
}
