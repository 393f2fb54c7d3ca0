import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { PluginError } from "@cygnet/plugin-api";

/** What a package.json says of a plugin. */
export interface PluginPackage {
  /** Where it lies. */
  readonly folder: string;
  readonly name?: string;
  readonly version?: string;
  readonly description?: string;
}

/** A package that a plugin is in: what its package.json says, as far as plugins are concerned. */
export class PackageManifest {
  readonly #content: Readonly<Record<string, unknown>>;

  /** @throws {PluginError} CYG_PLUGIN_PACKAGE where package.json is no JSON object */
  constructor(
    plugin: string,
    private readonly folder: string,
  ) {
    const path = join(folder, "package.json");
    if (!existsSync(path)) {
      this.#content = {};
      return;
    }
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(path, "utf8"));
    } catch (error) {
      throw new PluginError("CYG_PLUGIN_PACKAGE", plugin, `${path} is not JSON`, { cause: error });
    }
    if (typeof content !== "object" || content === null)
      throw new PluginError("CYG_PLUGIN_PACKAGE", plugin, `${path} is no JSON object`);
    this.#content = content as Readonly<Record<string, unknown>>;
  }

  get facts(): PluginPackage {
    const { name, version, description } = this.#content;
    return {
      folder: this.folder,
      ...(typeof name === "string" && { name }),
      ...(typeof version === "string" && { version }),
      ...(typeof description === "string" && { description }),
    };
  }

  get keywords(): readonly unknown[] {
    const { keywords } = this.#content;
    return Array.isArray(keywords) ? keywords : [];
  }

  /** The URL of the main module. */
  get entry(): string {
    const { exports, main } = this.#content;
    const entry = exported(exports) ?? (typeof main === "string" ? main : "index.js");
    return pathToFileURL(join(this.folder, entry)).href;
  }

  /** What has to be there for the plugin, by package, with the range of versions. Without those that are optional. */
  get peers(): ReadonlyMap<string, string> {
    const { peerDependencies = {}, peerDependenciesMeta = {} } = this.#content;
    const optional = peerDependenciesMeta as Readonly<Record<string, { readonly optional?: unknown } | undefined>>;
    const needed = Object.entries(peerDependencies as object).filter(([name]) => optional[name]?.optional !== true);
    return new Map(needed.map(([name, range]) => [name, String(range)]));
  }
}

/** The folder of an installed package as seen from `from`. */
export function packageFolder(name: string, from: string): string | undefined {
  for (const folder of upwards(from)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
  }
  return undefined;
}

/** A folder and those around it, up to the root. */
export function* upwards(from: string): Generator<string, void, undefined> {
  for (let folder = from; ; folder = dirname(folder)) {
    yield folder;
    if (dirname(folder) === folder) return;
  }
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
