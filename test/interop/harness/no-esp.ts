import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command.js";

/** Builds the library that has a peer's kernel accept ESP SAs it does not know. @returns its path in `folder`, for LD_PRELOAD */
export async function buildNoEsp(folder: string): Promise<string> {
  const library = join(folder, "no-esp.so");
  const source = fileURLToPath(new URL("no-esp.c", import.meta.url));
  await run("c++", ["-x", "c", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"]);
  return library;
}
