import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { PluginError } from "@cygnet/plugin-api";
import { PackageManifest, packageFolder, upwards } from "./package-manifest.js";
import type { PluginPackage } from "./package-manifest.js";
import { checkPeers } from "./peer-dependencies.js";
import type { FoundPlugin, PluginRequest, PluginSource } from "./plugin-source.js";

/** Where packages are looked for. */
export interface PackageSourceOptions {
  /** Folders whose `node_modules`, and those above, may hold plugins: the configuration's and the current one. Relative paths start there. */
  readonly folders: readonly string[];
}

/** A plugin that could be loaded by its name. */
export interface InstalledPlugin {
  readonly name: string;
  readonly package: PluginPackage;
}

/** What to import, and the package that it is in. */
interface Located {
  readonly specifier: string;
  readonly manifest?: PackageManifest;
}

/** What the packages of plugins are called, in the order in which they are looked for. */
const PREFIXES = ["@cygnet/plugin-", "cygnet-plugin-"] as const;

/**
 * Plugins as packages: `@cygnet/plugin-NAME`, then `cygnet-plugin-NAME`, then what `charon.plugins.NAME.package` says, which is a package
 * or the path of one or of a module. Packages are found from the daemon's own installation and from `folders`.
 */
export class PackageSource implements PluginSource {
  readonly #folders: readonly string[];
  /** Our own packages go by name, so that Node's conditions apply as they do to the rest of the daemon. */
  readonly #own = dirname(fileURLToPath(import.meta.url));

  constructor({ folders }: PackageSourceOptions) {
    this.#folders = folders.map((folder) => resolve(folder));
  }

  async find(request: PluginRequest): Promise<FoundPlugin | undefined> {
    const located = this.#locate(request);
    if (located === undefined) return undefined;
    if (located.manifest) {
      const { folder } = located.manifest.facts;
      await checkPeers(request.name, located.manifest, { plugin: folder, daemon: this.#own });
    }
    const module = (await import(located.specifier)) as { readonly default?: unknown };
    return { exported: module.default, ...(located.manifest && { package: located.manifest.facts }) };
  }

  describe(request: PluginRequest): PluginPackage | undefined {
    return this.#locate(request)?.manifest?.facts;
  }

  /** The plugins whose packages are installed, by name. Those that only a path leads to are not among them. */
  installed(): InstalledPlugin[] {
    const found = new Map<string, InstalledPlugin>();
    for (const from of [this.#own, ...this.#folders]) {
      for (const folder of upwards(from)) {
        for (const name of namesIn(join(folder, "node_modules"))) {
          if (found.has(name)) continue;
          const facts = this.#describeInstalled(name);
          if (facts) found.set(name, { name, package: facts });
        }
      }
    }
    return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** A package that is broken is installed all the same. */
  #describeInstalled(name: string): PluginPackage | undefined {
    try {
      return this.describe({ name, package: undefined });
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      return { folder: "", description: error.message };
    }
  }

  #locate({ name, package: configured }: PluginRequest): Located | undefined {
    // A name is part of a path here.
    if (!/^[a-z0-9][a-z0-9_-]*$/i.test(name)) return undefined;
    for (const prefix of PREFIXES) {
      const found = this.#package(name, prefix + name);
      if (found !== undefined) return found;
    }
    return configured === undefined ? undefined : this.#configured(name, configured);
  }

  /** What to import for a package, undefined if it is not installed. */
  #package(plugin: string, packageName: string): Located | undefined {
    const own = packageFolder(packageName, this.#own);
    if (own !== undefined) return { specifier: packageName, manifest: new PackageManifest(plugin, own) };
    for (const folder of this.#folders) {
      const found = packageFolder(packageName, folder);
      if (found !== undefined) return inFolder(plugin, found);
    }
    return undefined;
  }

  /** @throws {PluginError} CYG_PLUGIN_PACKAGE when the operator names something that is not there */
  #configured(plugin: string, specifier: string): Located {
    if (!specifier.startsWith(".") && !isAbsolute(specifier)) {
      const found = this.#package(plugin, specifier);
      if (found !== undefined) return found;
    } else {
      for (const folder of this.#folders.length > 0 ? this.#folders : ["."]) {
        const path = resolve(folder, specifier);
        if (!existsSync(path)) continue;
        if (!statSync(path).isDirectory()) return { specifier: pathToFileURL(path).href };
        // `.` is in each of them.
        if (["package.json", "index.js"].some((file) => existsSync(join(path, file)))) return inFolder(plugin, path);
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

function inFolder(plugin: string, folder: string): Located {
  const manifest = new PackageManifest(plugin, folder);
  return { specifier: manifest.entry, manifest };
}

/** Names of the plugins in a `node_modules`. */
function namesIn(folder: string): string[] {
  const own = list(join(folder, "@cygnet")).filter(
    // The scope has other packages whose names begin alike.
    (name) =>
      name.startsWith("plugin-") && new PackageManifest(name, join(folder, "@cygnet", name)).keywords.includes("cygnet-plugin"),
  );
  const others = list(folder).filter((name) => name.startsWith("cygnet-plugin-"));
  return [...own.map((name) => name.slice("plugin-".length)), ...others.map((name) => name.slice("cygnet-plugin-".length))];
}

function list(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
