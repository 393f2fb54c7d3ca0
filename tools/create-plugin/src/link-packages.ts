import { existsSync, mkdirSync, readFileSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "@cygnet/command";
import { TOOL_VERSIONS } from "./package-files.js";

/** The clone of cygnet that this is run from, undefined where it is installed as a package. */
export function cloneFolder(): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, "package.json");
    if (!existsSync(path)) continue;
    const { workspaces } = JSON.parse(readFileSync(path, "utf8")) as { readonly workspaces?: unknown };
    if (Array.isArray(workspaces)) return folder;
  }
  return undefined;
}

/**
 * Links what a package needs from the clone, in place of `npm install`: cygnet's packages, and the tools, with their commands.
 * @throws {UsageError} where cygnet is not run from a clone
 */
export function linkPackages(folder: string): void {
  const clone = cloneFolder();
  if (clone === undefined)
    throw new UsageError("--link: this cygnet does not run from a clone, use `npm install` in the new folder");
  const from = join(clone, "node_modules");
  const to = join(folder, "node_modules");
  const link = (path: string): void => {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    symlinkSync(join(from, path), join(to, path));
  };
  for (const name of readdirSync(join(from, "@cygnet"))) link(join("@cygnet", name));
  for (const name of Object.keys(TOOL_VERSIONS)) link(name);
  for (const command of ["cygnet", "tsc", "vitest"]) link(join(".bin", command));
}
