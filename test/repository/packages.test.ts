import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, manifest, packageFolders, root } from "./workspace.js";

/** Static imports and exports, which Prettier leaves at the start of a line or behind a closing brace, and dynamic imports. */
const IMPORT = /(?:^import |^\} from |^(?:import|export)[^"\n;]* from |\bimport\()"([^"\n.][^"\n]*)"/gm;
/** C++ headers that node-gyp's build takes from a package. */
const BUILD_ONLY = new Set(["node-addon-api"]);
const RELEASED = packageFolders().filter((folder) => folder !== "test");

/** The packages that a folder's sources import. */
function importedPackages(folder: string): string[] {
  const packages = new Set<string>();
  for (const file of [...filesBelow(join(folder, "src"), /\.ts$/), ...filesBelow(join(folder, "bin"), /\.js$/)]) {
    const text = readFileSync(join(root, file), "utf8").replace(/^\s*(\*|\/\/|\/\*).*$/gm, "");
    for (const [, specifier] of text.matchAll(IMPORT)) {
      if (specifier.startsWith("node:") || builtinModules.includes(specifier)) continue;
      packages.add(specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"));
    }
  }
  packages.delete(manifest(folder).name);
  return [...packages].sort();
}

/** The layer that a package's tag must name, see docs/architecture.md. */
function layerOf(folder: string): string {
  const [kind, name] = folder.split("/");
  return `layer:${{ core: name, plugins: "plugin", native: "native", tools: "tool" }[kind]}`;
}

describe.each(RELEASED)("%s", (folder) => {
  const pkg = manifest(folder);

  it("depends on exactly what its sources import", () => {
    const declared = Object.keys(pkg.dependencies ?? {}).filter((name) => !BUILD_ONLY.has(name));
    expect(declared.sort()).toEqual(importedPackages(folder));
  });

  it("asks for its neighbours in their own version and for others in one version", () => {
    for (const [name, range] of Object.entries(pkg.dependencies ?? {})) {
      expect(range, name).toMatch(/^\d+\.\d+\.\d+$/);
      if (name.startsWith("@cygnet/")) expect(range, name).toBe(manifest(".").version);
    }
  });

  it("has the fields of a public package, and its layer", () => {
    expect(pkg.name).toBe(folder === "native" ? "@cygnet/native" : pkg.name);
    if (folder.startsWith("plugins/")) expect(pkg.name).toBe(`@cygnet/plugin-${folder.slice("plugins/".length)}`);
    expect(pkg.version).toBe(manifest(".").version);
    expect(pkg.description).toMatch(/\S/);
    expect(pkg.license).toBe("Apache-2.0");
    expect(pkg.type).toBe("module");
    expect(pkg.engines?.["node"]).toBe(">=20.19");
    expect(pkg.publishConfig?.access).toBe("public");
    expect(pkg.keywords?.length).toBeGreaterThan(0);
    expect(pkg.files).toContain("dist");
    expect(pkg.private).toBeUndefined();
    if (folder.startsWith("plugins/")) expect(pkg.keywords).toContain("cygnet-plugin");
    expect(pkg.nx?.tags).toEqual([layerOf(folder)]);
  });

  it("exports sources to the tests and their build to the rest", () => {
    for (const [name, target] of Object.entries(pkg.exports ?? {})) {
      const { source, types, default: built } = target as Record<string, string>;
      expect(existsSync(join(root, folder, source)), `${name}: ${source}`).toBe(true);
      const inDist = source.replace("./src/", "./dist/").replace(/\.ts$/, "");
      expect([types, built]).toEqual([`${inDist}.d.ts`, `${inDist}.js`]);
    }
  });

  it("has a README with its name in the title", () => {
    const title = readFileSync(join(root, folder, "README.md"), "utf8").split("\n")[0];
    expect(title).toMatch(/^# /);
    expect(title).toContain(folder.startsWith("plugins/") ? folder.slice("plugins/".length) : pkg.name);
  });
});

it("package-lock.json has the dependencies that the packages declare, so that npm ci takes it", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly dependencies?: unknown; readonly devDependencies?: unknown }>>;
  };
  for (const folder of [...packageFolders(), ""]) {
    const { dependencies, devDependencies } = manifest(folder);
    expect(packages[folder]?.dependencies ?? {}, folder).toEqual(dependencies ?? {});
    expect(packages[folder]?.devDependencies ?? {}, folder).toEqual(devDependencies ?? {});
  }
});

it("package-lock.json has every platform's optional packages, without which npm ci refuses it (tools/setup/complete-lock.mjs)", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>>;
  };
  const locked = Object.keys(packages);
  const missing = Object.values(packages)
    .flatMap(({ optionalDependencies = {} }) => Object.keys(optionalDependencies))
    .filter((name) => !locked.some((path) => path.endsWith(`node_modules/${name}`)));
  expect(missing).toEqual([]);
});
