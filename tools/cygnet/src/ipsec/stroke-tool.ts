import { StrokeClientError, StrokeUsageError, strokeCommandRequest, strokeRequest, strokeUsage } from "@cygnet/starter";
import { ExitCode } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import type { IpsecArguments } from "./ipsec-arguments.js";
import { strokeUri } from "./ipsec-paths.js";
import { askSecret } from "./secret-prompt.js";

/** `cygnet ipsec stroke ...`: strongSwan's stroke tool. */
export async function strokeTool(args: IpsecArguments, terminal: Terminal): Promise<number> {
  const [first, ...others] = args.rest;
  if (first === undefined || first === "-h" || first === "--help") {
    const isAsked = first !== undefined;
    (isAsked ? terminal.out : terminal.err)(strokeUsage());
    return isAsked ? ExitCode.OK : ExitCode.FAILED;
  }
  const daemon = /^(?:-d|--daemon)(?:=(.+))?$/.exec(first);
  if (daemon === null) return talk(strokeUri(args), args.rest, terminal);
  const name = daemon[1] ?? others.shift();
  if (name === undefined || !/^[\w.-]+$/.test(name)) {
    terminal.err(`stroke: ${first} needs the name of a daemon\n`);
    return ExitCode.FAILED;
  }
  return talk(args.socket ?? `unix://${args.pidDir}/${name}.ctl`, others, terminal);
}

/**
 * Sends one stroke command and prints what the daemon answers, as it comes.
 * @param words the command and its arguments
 * @returns 0 if the daemon answered, whatever it said: the protocol has no status. 1 for wrong use, 255 if nobody could be asked
 */
export async function talk(uri: string, words: readonly string[], terminal: Terminal): Promise<number> {
  const decoder = new TextDecoder("utf-8");
  try {
    const request = strokeCommandRequest(words);
    await strokeRequest(uri, request, {
      onData: (chunk) => terminal.out(decoder.decode(chunk, { stream: true })),
      onPrompt: () => askSecret(),
    });
    return ExitCode.OK;
  } catch (error) {
    return tellStrokeError(error, terminal);
  }
}

/** One line for a request that could not be made. @returns the exit code @throws any other error */
export function tellStrokeError(error: unknown, terminal: Terminal): number {
  if (!(error instanceof StrokeUsageError) && !(error instanceof StrokeClientError)) throw error;
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  terminal.err(`${error.message}${cause}\n`);
  return error instanceof StrokeUsageError ? ExitCode.FAILED : ExitCode.STROKE;
}
