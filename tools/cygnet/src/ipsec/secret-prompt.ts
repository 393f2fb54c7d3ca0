import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/**
 * Reads one line from the standard input, without showing it where that is a terminal. The question was printed by whoever asks.
 * @returns the line without its end; empty at the end of the input
 */
export function askSecret(input: NodeJS.ReadStream = process.stdin): Promise<string> {
  // readline echoes to its output; this one shows nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: nowhere, terminal: input.isTTY === true });
  return new Promise((resolve) => {
    let line = "";
    reader.once("line", (text) => {
      line = text;
      reader.close();
    });
    reader.once("close", () => {
      if (input.isTTY === true) process.stderr.write("\n");
      resolve(line);
    });
    // Ctrl-C must end the command, not only the question.
    reader.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  });
}
