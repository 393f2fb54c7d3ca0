// What has user-mode Linux work on processors with more registers than its kernel has room for.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("xstate.c", import.meta.url));

/**
 * @param {string} folder where it is built
 * @returns {string} the library to preload into the kernel
 * @throws {Error} with what the compiler says
 */
export function buildXstate(folder) {
  const library = join(folder, "xstate.so");
  const { status, stderr, error } = spawnSync("cc", ["-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]);
  if (status !== 0) throw new Error(`building xstate.so failed: ${String(error ?? stderr)}`);
  return library;
}
