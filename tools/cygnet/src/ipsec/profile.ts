import { setTimeout } from "node:timers/promises";
import type { DaemonProfile } from "@cygnet/plugin-api";
import { formatProfile, profileSince } from "@cygnet/runtime";
import { strokeCommandRequest, strokeRequest } from "@cygnet/starter";
import { ExitCode } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import type { IpsecArguments } from "./ipsec-arguments.js";
import { strokeUri } from "./ipsec-paths.js";
import { parseProfileArguments } from "./profile-arguments.js";
import { tellStrokeError } from "./stroke-tool.js";

const CLEAR_SCREEN = "\x1b[H\x1b[2J";
const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** What answers is no daemon of ours. */
class NoProfileError extends Error {}

/**
 * `cygnet ipsec profile`: where the time went since the daemon started, and with `--watch` again and again since the last time, until
 * Ctrl-C, or nobody reads it any more.
 * @returns 0; 1 if the answer is no profile, 255 if nobody could be asked
 */
export async function profile(args: IpsecArguments, terminal: Terminal): Promise<number> {
  const { watchSeconds, json } = parseProfileArguments(args.rest);
  const uri = strokeUri(args);
  const ended = new AbortController();
  const end = (): void => ended.abort();
  for (const signal of SIGNALS) process.on(signal, end);
  try {
    let latest = await ask(uri, ended.signal);
    print(latest, json, terminal);
    while (watchSeconds !== undefined && !terminal.isOutputClosed) {
      await setTimeout(watchSeconds * 1000, undefined, { signal: ended.signal });
      const before = latest;
      latest = await ask(uri, ended.signal);
      if (terminal.isOutputInteractive) terminal.out(CLEAR_SCREEN);
      else terminal.out("\n");
      print(profileSince(latest, before), json, terminal);
    }
    return ExitCode.OK;
  } catch (error) {
    if (ended.signal.aborted) return ExitCode.OK;
    if (!(error instanceof NoProfileError)) return tellStrokeError(error, terminal);
    terminal.err(`${error.message}\n`);
    return ExitCode.FAILED;
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}

function print(profile: DaemonProfile, json: boolean, terminal: Terminal): void {
  terminal.out(json ? `${JSON.stringify(profile)}\n` : `${formatProfile(profile).join("\n")}\n`);
}

async function ask(uri: string, signal: AbortSignal): Promise<DaemonProfile> {
  const chunks: Uint8Array[] = [];
  await strokeRequest(uri, strokeCommandRequest(["profile"]), { onData: (chunk) => void chunks.push(chunk), signal });
  const text = Buffer.concat(chunks).toString("utf8");
  try {
    const answer: unknown = JSON.parse(text);
    if (isProfile(answer)) return answer;
  } catch {
    // Said below.
  }
  throw new NoProfileError(`the daemon at '${uri}' does not tell profiles: it is strongSwan's, or of another release`);
}

function isProfile(answer: unknown): answer is DaemonProfile {
  return typeof answer === "object" && answer !== null && "host" in answer && "shards" in answer && Array.isArray(answer.shards);
}
