import { openSync } from "node:fs";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { ReadStream } from "node:tty";

/**
 * Asks a question on the error output, so that it is seen also where the output goes elsewhere; what is typed is not shown. The answer is
 * read from the standard input; where that is no terminal, from the terminal of the session, if there is one, as getpass(3) does.
 * @returns undefined where nobody answers
 */
export async function askPassphrase(question: string): Promise<string | undefined> {
  const terminal = process.stdin.isTTY === true ? undefined : sessionTerminal();
  const input = terminal ?? process.stdin;
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: silent, terminal: input.isTTY === true });
  const answer = await new Promise<string | undefined>((resolve) => {
    reader.once("line", (line) => resolve(line));
    reader.once("close", () => resolve(undefined));
    // The terminal is in raw mode, where Ctrl-C is only a character.
    reader.once("SIGINT", () => {
      reader.close();
      process.kill(process.pid, "SIGINT");
    });
  });
  reader.close();
  if (input.isTTY === true) process.stderr.write("\n");
  terminal?.destroy();
  return answer;
}

/** A program without one, such as a service, cannot open it. */
function sessionTerminal(): ReadStream | undefined {
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch {
    return undefined;
  }
}
