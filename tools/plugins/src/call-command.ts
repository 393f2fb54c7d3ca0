import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { ViciClient, ViciError } from "@cygnet/vici";
import type { MessageData, Section } from "@cygnet/vici";
import type { PluginsArguments } from "./arguments.js";
import { viciSocket } from "./ask-daemon.js";
import { readConfiguration } from "./configuration.js";

type Plain = string | readonly string[] | { readonly [name: string]: Plain };

/** `cygnet plugins call`: a command that a plugin added, or without a name the list of them. @returns the exit code @throws {UsageError} */
export async function callCommand(args: PluginsArguments, terminal: Terminal): Promise<number> {
  const [name, ...pairs] = args.names;
  const data = requestOf(pairs);
  const uri = viciSocket(args, readConfiguration(args));
  let client: ViciClient | undefined;
  try {
    client = await ViciClient.connect(uri);
    const answer = await client.request(name ?? "get-plugin-commands", data);
    tell(name === undefined ? commandsOf(answer) : (answer.toJSON() as Record<string, Plain>), args, terminal);
    return ExitCode.OK;
  } catch (error) {
    if (!(error instanceof ViciError)) throw error;
    terminal.err(
      `${error.code === "CYG_VICI_UNKNOWN_COMMAND" ? `the daemon at '${uri}' has no command '${name}'` : error.message}\n`,
    );
    return ExitCode.FAILED;
  } finally {
    client?.close();
  }
}

/** `KEY=VALUE`, each once for a text and more than once for a list. @throws {UsageError} */
function requestOf(pairs: readonly string[]): MessageData {
  const data = new Map<string, string[]>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at < 1) throw new UsageError(`call: '${pair}' is not KEY=VALUE`);
    const key = pair.slice(0, at);
    data.set(key, [...(data.get(key) ?? []), pair.slice(at + 1)]);
  }
  return Object.fromEntries([...data].map(([key, values]) => [key, values.length === 1 ? values[0] : values]));
}

function commandsOf(answer: Section): Record<string, Plain> {
  const commands = [...(answer.section("commands")?.sections() ?? [])];
  return Object.fromEntries(commands.map(([name, section]) => [name, section.text("description") ?? ""]));
}

/** What the daemon says, without that it went well. */
function tell(all: Readonly<Record<string, Plain>>, args: PluginsArguments, terminal: Terminal): void {
  const answer = Object.fromEntries(Object.entries(all).filter(([name]) => name !== "success"));
  terminal.out(args.json ? `${JSON.stringify(answer)}\n` : textOf(answer, ""));
}

function textOf(answer: Readonly<Record<string, Plain>>, indent: string): string {
  return Object.entries(answer)
    .map(([name, value]) => {
      if (typeof value === "string") return `${indent}${name}: ${value}\n`;
      if (Array.isArray(value)) return `${indent}${name}:\n${value.map((item) => `${indent}  ${item}\n`).join("")}`;
      return `${indent}${name}:\n${textOf(value as Readonly<Record<string, Plain>>, `${indent}  `)}`;
    })
    .join("");
}
