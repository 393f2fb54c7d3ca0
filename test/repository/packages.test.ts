import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, manifest, packageFolders, root } from "./workspace.js";

/** Static imports and exports, which Prettier leaves at the start of a line or behind a closing brace, and dynamic imports. */
const IMPORT = /(?:^import |^\} from |^(?:import|export)[^"\n;]* from |\bimport\()"([^"\n.][^"\n]*)"/gm;
/** C++ headers that node-gyp's build takes from a package. */
const BUILD_ONLY = new Set(["node-addon-api"]);
/** Packages that are loaded by the names in a configuration, which no import shows: who installs the command gets the plugins. */
const LOADED_BY_NAME: Readonly<Record<string, readonly string[]>> = {
  "tools/cygnet": packageFolders()
    .filter((folder) => folder.startsWith("plugins/"))
    .map((folder) => manifest(folder).name),
};
const RELEASED = packageFolders().filter((folder) => folder !== "test" && !folder.startsWith("examples/"));

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

  it("depends on exactly what its sources import, and on what it loads by name", () => {
    const needed = { ...pkg.dependencies, ...pkg.peerDependencies };
    const declared = Object.keys(needed).filter((name) => !BUILD_ONLY.has(name));
    expect(declared.sort()).toEqual([...new Set([...importedPackages(folder), ...(LOADED_BY_NAME[folder] ?? [])])].sort());
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
    const { author, repository, homepage, bugs } = manifest(".");
    expect(author).toMatch(/\S/);
    expect([pkg.author, pkg.homepage, pkg.bugs]).toEqual([author, homepage, bugs]);
    // Where the repository is published: in the root's package.json once that is known, and with its folder in all others then.
    expect(pkg.repository).toEqual(repository && { ...repository, directory: folder });
    expect(pkg.type).toBe("module");
    expect(pkg.engines?.["node"]).toBe(">=20.19");
    expect(pkg.publishConfig?.access).toBe("public");
    expect(pkg.keywords?.length).toBeGreaterThan(0);
    expect(pkg.files).toContain("dist");
    expect(pkg.private).toBeUndefined();
    if (folder.startsWith("plugins/")) {
      expect(pkg.keywords).toContain("cygnet-plugin");
      expect(pkg.cygnet?.strongSwan, "cygnet.strongSwan: how it differs").toMatch(/^[A-Za-z].*\.$/);
    }
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

  it("builds declarations and JavaScript, of programs too", () => {
    expect(pkg.scripts?.["build"]).toMatch(/tsc -b && node (\.\.\/)+(tools\/)?setup\/bundle\.mjs \.$/);
    for (const program of pkg.cygnet?.programs ?? []) expect(existsSync(join(root, folder, program)), program).toBe(true);
  });

  it("has the licence in its folder, as npm packs no other", () => {
    const licence = (path: string): string => readFileSync(join(root, path, "LICENSE"), "utf8");
    expect(licence(folder)).toBe(licence("."));
  });

  it("has a README with its name in the title, which names no dependency that it does not have", () => {
    const readme = readFileSync(join(root, folder, "README.md"), "utf8");
    const section = /^## Dependencies\n([^]*?)(?=^## |$(?![^]))/m.exec(readme)?.[1] ?? "";
    const named = [...section.matchAll(/@cygnet\/[\w-]+/g)].map(([name]) => name);
    expect(Object.keys(pkg.dependencies ?? {})).toEqual(expect.arrayContaining(named));
    const title = readme.split("\n")[0];
    expect(title).toMatch(/^# /);
    expect(title).toContain(folder.startsWith("plugins/") ? folder.slice("plugins/".length) : pkg.name);
  });
});

it("npm packs the licence of every package, and with the addon all that its build needs", () => {
  const list = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts", "--workspaces"], {
    cwd: root,
    encoding: "utf8",
  });
  const packed = new Map(
    (JSON.parse(list) as readonly { readonly name: string; readonly files: readonly { readonly path: string }[] }[]).map(
      ({ name, files }) => [name, files.map(({ path }) => path)] as const,
    ),
  );
  for (const folder of RELEASED) {
    const { name } = manifest(folder);
    expect(packed.get(name), name).toEqual(expect.arrayContaining(["LICENSE", "README.md", "package.json"]));
  }
  const sources = [...filesBelow("native/addon", /\.(cc|h)$/), ...filesBelow("native/scripts", /\.mjs$/), "native/binding.gyp"];
  const native = packed.get("@cygnet/native");
  expect(native).toEqual(expect.arrayContaining(sources.map((path) => path.slice("native/".length))));
  // Built where it is installed: a binary would be that of the publisher's machine.
  expect(native?.filter((path) => path.endsWith(".node"))).toEqual([]);
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
