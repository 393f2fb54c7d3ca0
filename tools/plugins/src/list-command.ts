import { ExitCode, UsageError } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { rehearse } from "@cygnet/daemon";
import { errorCode } from "@cygnet/plugin-api";
import type { PluginsArguments } from "./arguments.js";
import { NoAnswerError, askDaemon } from "./ask-daemon.js";
import type { DaemonAnswer } from "./ask-daemon.js";
import { packagesOf, readConfiguration } from "./configuration.js";
import type { Configuration } from "./configuration.js";
import { pluginRows } from "./plugin-rows.js";
import { detailsText, tableText } from "./plugin-text.js";

/** `cygnet plugins` and `cygnet plugins show`. @returns the exit code @throws {UsageError} */
export async function listCommand(args: PluginsArguments, terminal: Terminal): Promise<number> {
  const configuration = readConfiguration(args);
  let answer: DaemonAnswer | undefined;
  try {
    answer = args.isOffline ? undefined : await askDaemon(args, configuration);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    terminal.err(`${error.message}\n`);
    return ExitCode.FAILED;
  }
  const reports = answer?.plugins ?? (await rehearsalOf(configuration, args.namespace)).plugins;
  const all = pluginRows(reports, packagesOf(configuration).installed());
  const unknown = args.names.find((name) => all.every((row) => row.name !== name));
  if (unknown !== undefined) {
    terminal.err(`there is no plugin '${unknown}'\n`);
    return ExitCode.FAILED;
  }
  const rows = args.names.length === 0 ? all : all.filter(({ name }) => args.names.includes(name));
  if (args.json) {
    terminal.out(`${JSON.stringify({ daemon: answer?.uri ?? null, conf: configuration.path ?? null, plugins: rows })}\n`);
    return ExitCode.OK;
  }
  terminal.out(`${sourceText(answer, configuration)}\n\n`);
  terminal.out(args.command === "show" ? rows.map(detailsText).join("\n") : tableText(rows));
  return ExitCode.OK;
}

/** @throws {UsageError} for an option with which the daemon would not start */
export async function rehearsalOf({ settings, pluginFolders }: Configuration, namespace: string): ReturnType<typeof rehearse> {
  try {
    return await rehearse({ settings, namespace, pluginFolders });
  } catch (error) {
    if (errorCode(error) !== "CYG_OPTION_VALUE") throw error;
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function sourceText(answer: DaemonAnswer | undefined, { path }: Configuration): string {
  if (answer) return `The daemon at ${answer.uri} has:`;
  return `No daemon was asked. With ${path ?? "the built-in settings"} one would have:`;
}
