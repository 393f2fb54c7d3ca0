// `node tools/setup/bundle.mjs [FOLDER ...]`: makes the JavaScript of packages. Each entry is one file, beside what entries share, as reading
// hundreds of small modules was most of the start of a daemon, and of each of its shards.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { packageFolders } from "./fingerprint.mjs";
import { root } from "./steps.mjs";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folders = process.argv.slice(2).map((folder) => relative(root, resolve(folder)));
  await bundlePackages(folders.length === 0 ? undefined : folders);
}

/**
 * Bundles packages from their sources into their `dist`; `tsc` checks types and puts the declarations there. What other packages have stays
 * outside, so that each module exists once in a process, also for plugins from elsewhere.
 *
 * @param {readonly string[]} [folders] relative to the root; all packages by default
 */
export async function bundlePackages(folders = packageFolders()) {
  await Promise.all(folders.map((folder) => bundlePackage(join(root, folder))));
}

async function bundlePackage(folder) {
  const input = entries(folder);
  if (Object.keys(input).length === 0) return;
  const bundle = await rolldown({ input, platform: "node", external: (id) => !id.startsWith(".") && !isAbsolute(id) });
  const dist = join(folder, "dist");
  removeJavaScript(dist);
  await bundle.write({
    dir: dist,
    format: "esm",
    sourcemap: true,
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
  });
  await bundle.close();
}

/** What other packages import, where `exports` says, and the modules that are a program of their own (`cygnet.programs`), at the top. */
function entries(folder) {
  const { exports = {}, cygnet = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const exported = Object.values(exports).filter(({ default: built }) => built.startsWith("./dist/"));
  return Object.fromEntries([
    ...exported.map(({ source, default: built }) => [built.replace(/^\.\/dist\/|\.js$/g, ""), join(folder, source)]),
    ...(cygnet.programs ?? []).map((source) => [basename(source, ".ts"), join(folder, source)]),
  ]);
}

/** Names of shared parts change with their content, so the last build's would stay. */
function removeJavaScript(dist) {
  if (!existsSync(dist)) return;
  for (const file of readdirSync(dist, { recursive: true })) if (/\.js(\.map)?$/.test(file)) rmSync(join(dist, file));
}
