import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PluginError } from "@cygnet/plugin-api";
import type { PluginRequest, PluginSource } from "./plugin-source.js";

/** Where packages are looked for. */
export interface PackageSourceOptions {
  /** Folders whose `node_modules`, and those above, may hold plugins: the configuration's and the current one. Relative paths start there. */
  readonly folders: readonly string[];
}

/**
 * Plugins as packages: `@cygnet/plugin-NAME`, then `cygnet-plugin-NAME`, then what `charon.plugins.NAME.package` says, which is a package
 * or the path of one or of a module. Packages are found from the daemon's own installation and from `folders`.
 */
export class PackageSource implements PluginSource {
  readonly #folders: readonly string[];

  constructor({ folders }: PackageSourceOptions) {
    this.#folders = folders.map((folder) => resolve(folder));
  }

  async find({ name, package: configured }: PluginRequest): Promise<{ readonly exported: unknown } | undefined> {
    // A name is part of a path here.
    if (!/^[a-z0-9][a-z0-9_-]*$/i.test(name)) return undefined;
    const entry = this.#package(name, `@cygnet/plugin-${name}`) ?? this.#package(name, `cygnet-plugin-${name}`);
    const found = entry ?? (configured === undefined ? undefined : this.#configured(name, configured));
    if (found === undefined) return undefined;
    const module = (await import(found)) as { readonly default?: unknown };
    return { exported: module.default };
  }

  /** What to import for a package, undefined if it is not installed. */
  #package(plugin: string, packageName: string): string | undefined {
    // Our own packages go by name, so that Node's conditions apply as they do to the rest of the daemon.
    const own = dirname(fileURLToPath(import.meta.url));
    if (packageFolder(packageName, own) !== undefined) return packageName;
    for (const folder of this.#folders) {
      const found = packageFolder(packageName, folder);
      if (found !== undefined) return folderEntry(plugin, found);
    }
    return undefined;
  }

  /** @throws {PluginError} CYG_PLUGIN_PACKAGE when the operator names something that is not there */
  #configured(plugin: string, specifier: string): string {
    if (!specifier.startsWith(".") && !isAbsolute(specifier)) {
      const found = this.#package(plugin, specifier);
      if (found !== undefined) return found;
    } else {
      for (const folder of this.#folders.length > 0 ? this.#folders : ["."]) {
        const path = resolve(folder, specifier);
        if (!existsSync(path)) continue;
        return statSync(path).isDirectory() ? folderEntry(plugin, path) : pathToFileURL(path).href;
      }
    }
    const where = [...new Set(this.#folders)].join(" and ");
    throw new PluginError(
      "CYG_PLUGIN_PACKAGE",
      plugin,
      `package '${specifier}' not found${where === "" ? "" : `, looked from ${where}`}`,
    );
  }
}

/** The folder of an installed package as seen from `from`. */
function packageFolder(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (dirname(folder) === folder) return undefined;
  }
}

/** The URL of a package's main module. */
function folderEntry(plugin: string, folder: string): string {
  const manifestPath = join(folder, "package.json");
  if (!existsSync(manifestPath)) return pathToFileURL(join(folder, "index.js")).href;
  let manifest: { readonly exports?: unknown; readonly main?: unknown };
  try {
    manifest = JSON.parse(readFileSync(manifestPath, "utf8")) as typeof manifest;
  } catch (error) {
    throw new PluginError("CYG_PLUGIN_PACKAGE", plugin, `${manifestPath} is not JSON`, { cause: error });
  }
  const entry = exported(manifest.exports) ?? (typeof manifest.main === "string" ? manifest.main : "index.js");
  return pathToFileURL(join(folder, entry)).href;
}

/** The target of `.` in `exports` under the conditions `node`, `import` and `default`, in the package's order. */
function exported(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  if (Array.isArray(exports)) return exports.map(exported).find((target) => target !== undefined);
  if (typeof exports !== "object" || exports === null) return undefined;
  if ("." in exports) return exported(exports["."]);
  for (const [condition, target] of Object.entries(exports)) {
    if (condition !== "node" && condition !== "import" && condition !== "default") continue;
    const found = exported(target);
    if (found !== undefined) return found;
  }
  return undefined;
}
