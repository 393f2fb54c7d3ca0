import { Interruption } from "@cygnet/command";
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { SwanctlSystem } from "./context.js";

/** The real surroundings. @returns them, and how to leave them */
export function nodeSystem(): { readonly system: SwanctlSystem; readonly release: () => void } {
  const interruption = new Interruption();
  const release = interruption.listen(() => process.exit(130));
  const system: SwanctlSystem = {
    env: process.env,
    interrupted: interruption.requested,
    now: () => Date.now(),
    askPassphrase,
  };
  return { system, release };
}

/** On the error output, so that it is seen also where the output goes elsewhere; what is typed is not shown. */
async function askPassphrase(question: string): Promise<string | undefined> {
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true });
  const answer = await new Promise<string | undefined>((resolve) => {
    reader.once("line", (line) => resolve(line));
    reader.once("close", () => resolve(undefined));
  });
  reader.close();
  if (process.stdin.isTTY === true) process.stderr.write("\n");
  return answer;
}
