// Runs the commands of the set-up: quiet while they work, complete when they fail.
import { spawn } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A reason not to go on that the user can act upon; printed as it is, without a stack. */
export class SetupError extends Error {}

/**
 * Runs a command in the repository and waits for its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<string>} what it wrote to stdout
 * @throws {SetupError} with all it wrote, when it fails or does not exist
 */
export function run(command, args, { env = process.env, cwd = root } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let all = "";
    child.stdout.setEncoding("utf8").on("data", (text) => ((stdout += text), (all += text)));
    child.stderr.setEncoding("utf8").on("data", (text) => (all += text));
    child.on("error", (error) => reject(new SetupError(`${command} does not start: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(stdout);
      else reject(new SetupError(`${all.trimEnd()}\n\`${command} ${args.join(" ")}\` failed (${signal ?? `exit code ${code}`})`));
    });
  });
}

/**
 * Does one step and says so, with the time it took.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const start = performance.now();
  process.stderr.write(`set-up: ${what} ...\n`);
  const result = await work();
  process.stderr.write(`set-up: ${what}: done in ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
}
