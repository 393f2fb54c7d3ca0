import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PackageSource } from "@cygnet/runtime";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
let source: PackageSource;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-packages-"));
  source = new PackageSource({ folders: [join(folder, "etc", "conf")] });
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** A package whose default export says where it came from. */
function addPackage(path: string, manifest: object, module = "main.js"): void {
  write(`${path}/package.json`, JSON.stringify({ type: "module", ...manifest }));
  write(`${path}/${module}`, `export default { from: ${JSON.stringify(path)} };\n`);
}

const find = async (name: string, configured?: string) => {
  const found = await source.find({ name, package: configured });
  return found && { exported: found.exported };
};

describe("package source", () => {
  it("finds third-party packages from a folder upwards", async () => {
    addPackage("etc/node_modules/cygnet-plugin-hsm", { exports: { ".": { types: "./x.d.ts", import: "./main.js" } } });
    expect(await find("hsm")).toEqual({ exported: { from: "etc/node_modules/cygnet-plugin-hsm" } });
  });

  it("prefers our own name, then the conventional one, then the configured one", async () => {
    addPackage("node_modules/acme", { main: "main.js" });
    expect(await find("hsm", "acme")).toEqual({ exported: { from: "node_modules/acme" } });
    addPackage("node_modules/cygnet-plugin-hsm", { exports: "./main.js" });
    expect(await find("hsm", "acme")).toEqual({ exported: { from: "node_modules/cygnet-plugin-hsm" } });
    addPackage("node_modules/@cygnet/plugin-hsm", { exports: { node: { default: "./main.js" } } });
    expect(await find("hsm", "acme")).toEqual({ exported: { from: "node_modules/@cygnet/plugin-hsm" } });
  });

  it("takes a folder or a module by its path, relative to the configuration", async () => {
    addPackage("etc/plugins/mine", {}, "index.js");
    write("abs/module.mjs", "export default 'module';\n");
    mkdirSync(join(folder, "etc", "conf"), { recursive: true });
    expect(await find("mine", "../plugins/mine")).toEqual({ exported: { from: "etc/plugins/mine" } });
    expect(await find("mine", join(folder, "abs/module.mjs"))).toEqual({ exported: "module" });
  });

  it("knows nothing of other names, and looks outside of packages for none", async () => {
    expect(await find("unheard-of")).toBeUndefined();
    expect(await find("../../etc/passwd")).toBeUndefined();
  });

  it("tells version, description and folder of a package, also of one that cannot be loaded", async () => {
    addPackage("etc/node_modules/cygnet-plugin-hsm", { name: "cygnet-plugin-hsm", version: "1.2.3", description: "An HSM" });
    const facts = {
      folder: join(folder, "etc/node_modules/cygnet-plugin-hsm"),
      name: "cygnet-plugin-hsm",
      version: "1.2.3",
      description: "An HSM",
    };
    expect(source.describe({ name: "hsm", package: undefined })).toEqual(facts);
    await expect(source.find({ name: "hsm", package: undefined })).rejects.toThrow();
    expect(source.describe({ name: "unheard-of", package: undefined })).toBeUndefined();
  });

  it("lists what is installed: our own plugins, and others by the name of their packages", () => {
    addPackage("etc/node_modules/cygnet-plugin-hsm", { version: "1.2.3" });
    addPackage("node_modules/@cygnet/plugin-acme", { keywords: ["cygnet-plugin"] });
    addPackage("node_modules/@cygnet/plugin-api", { keywords: [] });
    const names = source.installed().map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(["acme", "aes", "hsm", "stroke"]));
    expect(names).not.toContain("api");
  });

  it("rejects a configured package that is not there, or is broken", async () => {
    await expect(find("x", "no-such-package")).rejects.toMatchObject({ code: "CYG_PLUGIN_PACKAGE" });
    await expect(find("x", "./missing.js")).rejects.toMatchObject({ code: "CYG_PLUGIN_PACKAGE" });
    write("node_modules/cygnet-plugin-bad/package.json", "{");
    await expect(find("bad")).rejects.toMatchObject({ code: "CYG_PLUGIN_PACKAGE" });
    write("node_modules/cygnet-plugin-throws/package.json", "{}");
    write("node_modules/cygnet-plugin-throws/index.js", "throw new Error('needs a token');\n");
    await expect(find("throws")).rejects.toThrow();
  });

  // A configuration that includes another one, as that of a load test does, is not where the package is.
  it("takes the first folder that has a package in it", async () => {
    for (const name of ["empty", "full"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "full/package.json"), JSON.stringify({ type: "module", version: "1.2.3" }));
    writeFileSync(join(folder, "full/index.js"), `export default "it";`);
    const both = new PackageSource({ folders: [join(folder, "empty"), join(folder, "full")] });
    expect(await both.find({ name: "acme", package: "." })).toMatchObject({ exported: "it", package: { version: "1.2.3" } });
    const nowhere = new PackageSource({ folders: [join(folder, "empty")] });
    await expect(nowhere.find({ name: "acme", package: "." })).rejects.toThrow(/^package '\.' not found, looked from /);
  });
});
