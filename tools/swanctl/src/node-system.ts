import { ExitCode, Interruption } from "@cygnet/command";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { SwanctlSystem } from "./context.js";

/** The real surroundings. @returns them, and how to leave them */
export function nodeSystem(): { readonly system: SwanctlSystem; readonly release: () => void } {
  let interruption: Interruption | undefined;
  let release = (): void => undefined;
  const system: SwanctlSystem = {
    env: process.env,
    get interrupted() {
      // Only for commands that ask: the others end at once with Ctrl-C, as a program without handlers does.
      if (interruption === undefined) {
        interruption = new Interruption();
        release = interruption.listen(() => process.exit(ExitCode.INTERRUPTED));
      }
      return interruption.requested;
    },
    now: () => Date.now(),
    askPassphrase,
  };
  return { system, release: () => release() };
}

/** On the error output, so that it is seen also where the output goes elsewhere; what is typed is not shown. */
async function askPassphrase(question: string): Promise<string | undefined> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true });
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
  if (process.stdin.isTTY === true) process.stderr.write("\n");
  return answer;
}
