import type { PluginReport } from "@cygnet/plugin-api";
import { StrokeClientError, strokeCommandRequest, strokeRequest } from "@cygnet/starter";
import { ViciClient, ViciError } from "@cygnet/vici";
import { join } from "node:path";
import type { PluginsArguments } from "./arguments.js";
import type { Configuration } from "./configuration.js";

/** A daemon that does not answer for so long is taken for one that never will. */
const PATIENCE_MS = 10_000;

/** What the daemon said, and where it was asked. */
export interface DaemonAnswer {
  readonly uri: string;
  readonly plugins: readonly PluginReport[];
}

/** Somebody is there, and does not tell. */
export class NoAnswerError extends Error {}

/** Where its vici socket is. */
export function viciSocket(args: PluginsArguments, { charon }: Configuration): string {
  return args.socket ?? charon.getString(["plugins", "vici", "socket"]) ?? `unix://${join(args.pidDir, "charon.vici")}`;
}

/**
 * Asks the daemon over its vici socket, or its stroke socket where it has no other.
 * @returns undefined where no daemon runs
 * @throws {NoAnswerError}
 */
export async function askDaemon(args: PluginsArguments, { charon }: Configuration): Promise<DaemonAnswer | undefined> {
  if (args.socket !== undefined) {
    const ask = args.socket.endsWith(".ctl") ? askStroke : askVici;
    const answer = await ask(args.socket);
    if (answer === undefined) throw new NoAnswerError(`no daemon is at '${args.socket}'`);
    return answer;
  }
  const socket = (plugin: string, file: string): string =>
    charon.getString(["plugins", plugin, "socket"]) ?? `unix://${join(args.pidDir, file)}`;
  return (await askVici(socket("vici", "charon.vici"))) ?? (await askStroke(socket("stroke", "charon.ctl")));
}

async function askVici(uri: string): Promise<DaemonAnswer | undefined> {
  let client: ViciClient;
  try {
    client = await ViciClient.connect(uri);
  } catch (error) {
    if (error instanceof ViciError) return nobodyThere(uri, error);
    throw error;
  }
  const timer = setTimeout(() => client.close(), PATIENCE_MS);
  try {
    const answer = await client.request("get-plugins");
    return { uri, plugins: answer.list("plugins")?.map((text) => JSON.parse(text) as PluginReport) ?? [] };
  } catch (error) {
    if (!(error instanceof ViciError)) throw error;
    const isOther = error.code === "CYG_VICI_UNKNOWN_COMMAND";
    throw new NoAnswerError(isOther ? notOurs(uri) : `the daemon at '${uri}' does not answer: ${error.message}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    client.close();
  }
}

async function askStroke(uri: string): Promise<DaemonAnswer | undefined> {
  const chunks: Uint8Array[] = [];
  try {
    await strokeRequest(uri, strokeCommandRequest(["plugins"]), {
      onData: (chunk) => void chunks.push(chunk),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch (error) {
    if (error instanceof StrokeClientError) return nobodyThere(uri, error);
    throw error;
  }
  let answer: unknown;
  try {
    answer = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (error) {
    throw new NoAnswerError(notOurs(uri), { cause: error });
  }
  if (!Array.isArray(answer)) throw new NoAnswerError(notOurs(uri));
  return { uri, plugins: answer as PluginReport[] };
}

/** @throws {NoAnswerError} for any reason but that nobody listens */
function nobodyThere(uri: string, error: Error): undefined {
  const code = (error.cause as NodeJS.ErrnoException | undefined)?.code;
  if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
  throw new NoAnswerError(`the daemon at '${uri}' cannot be asked: ${error.message}`, { cause: error });
}

const notOurs = (uri: string): string =>
  `the daemon at '${uri}' does not tell its plugins: it is strongSwan's, or of another release; --offline goes by the configuration`;
