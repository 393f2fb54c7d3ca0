// Tells cheaply whether anything that the build reads or writes has changed since it was last seen.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root as ourRoot } from "./steps.mjs";

/** Files at the root that the build depends on. */
const ROOT_FILES = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.base.json", "tools/setup/bundle.mjs"];
/** What a package's build reads, relative to the package. */
const PACKAGE_FILES = ["package.json", "tsconfig.json", "binding.gyp"];
const PACKAGE_FOLDERS = ["src", "addon", "scripts"];

/**
 * The folders of all workspace packages, relative to the root.
 *
 * @param {string} [root] of the repository
 * @returns {string[]}
 */
export function packageFolders(root = ourRoot) {
  const { workspaces } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return workspaces
    .flatMap((pattern) => {
      if (!pattern.endsWith("/*")) return [pattern];
      const parent = pattern.slice(0, -2);
      return readdirSync(join(root, parent))
        .sort()
        .map((name) => `${parent}/${name}`);
    })
    .filter((folder) => existsSync(join(root, folder, "package.json")));
}

/**
 * A digest of path, size and time of change of everything that is built from, and of which outputs are there. An edit, a checkout of another
 * revision and a removed output each give another one; some 500 calls of stat, no file is read but package.json.
 *
 * @param {string} [root] of the repository
 * @returns {string}
 */
export function buildFingerprint(root = ourRoot) {
  const hash = createHash("sha256").update(`${process.version} ${process.arch}\n`);
  for (const file of ROOT_FILES) addFile(hash, root, file);
  for (const folder of packageFolders(root)) {
    for (const file of PACKAGE_FILES) addFile(hash, root, `${folder}/${file}`);
    for (const part of PACKAGE_FOLDERS) addFolder(hash, root, `${folder}/${part}`);
    hash.update(existsSync(join(root, folder, "dist/index.js")) ? "built\n" : "not built\n");
  }
  hash.update(existsSync(join(root, "native/build/Release/cygnet.node")) ? "addon\n" : "no addon\n");
  hash.update(existsSync(join(root, "node_modules/.package-lock.json")) ? "installed\n" : "not installed\n");
  return hash.digest("hex");
}

function addFile(hash, root, path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (stat !== undefined) hash.update(`${path} ${stat.size} ${stat.mtimeMs} ${stat.ctimeMs}\n`);
}

function addFolder(hash, root, folder) {
  if (!existsSync(join(root, folder))) return;
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) addFolder(hash, root, `${folder}/${entry.name}`);
    else addFile(hash, root, `${folder}/${entry.name}`);
  }
}
