import { ExitCode, Interruption, askPassphrase } from "@cygnet/command";
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
