import { LogGroup } from "@cygnet/plugin-api";
import type { Logger } from "@cygnet/plugin-api";
import type { SettingsView } from "@cygnet/settings";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** When scripts run. */
export type ScriptOccasion = "start" | "stop";

/**
 * Runs the commands of a section `start-scripts` or `stop-scripts` by the shell, one after the other, and logs what they print.
 *
 * @param end kills what still runs, with all it started, and leaves out the rest
 * @returns settles when the last one has ended; never rejects
 */
export async function runScripts(
  occasion: ScriptOccasion,
  scripts: SettingsView | undefined,
  log: Logger,
  end: AbortSignal,
): Promise<void> {
  for (const [name, command] of scripts?.entries() ?? []) {
    if (end.aborted) return;
    log.log(LogGroup.DMN, 1, `executing ${occasion} script '${name}' (${command})`);
    const problem = await run(command, (line) => log.log(LogGroup.DMN, 1, `${name}: ${line}`), end);
    if (problem !== undefined) log.log(LogGroup.DMN, 1, `executing ${occasion} script '${name}' failed: ${problem}`);
  }
}

/** @returns what went wrong, if anything */
function run(command: string, say: (line: string) => void, end: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    // In a process group of its own, so that what the shell started ends with it.
    const child = spawn("/bin/sh", ["-c", `exec 2>&1\n${command}`], { stdio: ["ignore", "pipe", "ignore"], detached: true });
    let problem: string | undefined;
    const kill = (): void => {
      problem = "it had not ended yet, killed";
      killGroup(child.pid);
    };
    end.addEventListener("abort", kill, { once: true });
    createInterface({ input: child.stdout }).on("line", say);
    child.once("error", (error) => (problem ??= error.message));
    child.once("close", (code, signal) => {
      end.removeEventListener("abort", kill);
      if (code !== 0) problem ??= code === null ? `ended by ${signal}` : `exit status ${code}`;
      resolve(problem);
    });
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}
