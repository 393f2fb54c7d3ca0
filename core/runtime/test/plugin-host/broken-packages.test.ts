import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { LogGroup, PLUGIN_API_VERSION } from "@cygnet/plugin-api";
import { LogManager, PackageSource, PluginHost, createContainer } from "@cygnet/runtime";
import { MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { parseSettings } from "@cygnet/settings";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const needsCompiler = spawnSync("gcc", ["--version"]).status === 0 ? undefined : "there is no gcc";

const { version: VERSION } = JSON.parse(readFileSync(new URL("../../../plugin-api/package.json", import.meta.url), "utf8")) as {
  readonly version: string;
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cygnet-broken-"));
  addPlugin("good");
});
afterEach(() => rmSync(folder, { recursive: true }));

const packageFolder = (name: string): string => join(folder, "node_modules", `cygnet-plugin-${name}`);

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A package with a plugin of one feature. @param before what its module does first */
function addPlugin(name: string, manifest: object = {}, before = "", api: number | string = 1): void {
  write(
    join(packageFolder(name), "package.json"),
    JSON.stringify({ type: "module", main: "main.js", version: "1.0.0", ...manifest }),
  );
  const feature = `{ provides: { type: "CUSTOM", name: "${name}", toString: () => "CUSTOM:${name}" }, register() {} }`;
  write(
    join(packageFolder(name), "main.js"),
    `${before}\nexport default { name: "${name}", api: ${api}, features: () => [${feature}] };\n`,
  );
}

/** What the log says at level 1 when `bad` is to be loaded beside a plugin that is in order. */
async function load(bad = "bad"): Promise<string[]> {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink(1);
  log.addSink(sink);
  const { settings } = parseSettings(`charon { load = ${bad} good\n }`);
  const host = new PluginHost({
    locations: ["control", "shard"],
    source: new PackageSource({ folders: [folder] }),
    container: createContainer(),
    log,
    charon: settings.section("charon"),
    timers: clock,
  });
  await host.load().catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code !== "CYG_PLUGIN_CRITICAL") throw error;
  });
  await host.unload();
  return sink.messages(LogGroup.LIB).map((line) => line.replaceAll(folder, "FOLDER"));
}

describe("a plugin that cannot be used is one line with reason and remedy, and the others load", () => {
  it("where it was made for another API", async () => {
    addPlugin("bad", {}, "", 2);
    expect(await load()).toEqual([
      "plugin 'bad': failed to load - plugin version 2 doesn't match version 1: install an older release of the plugin, or a newer one of the " +
        "daemon",
      "loaded plugins: good",
    ]);
    addPlugin("old", {}, "", 0);
    expect((await load("old"))[0]).toMatch(/doesn't match version 1: install a newer release of the plugin$/);
    const [major, minor] = PLUGIN_API_VERSION.split(".").map(Number);
    addPlugin("newer", {}, "", `"${major}.${minor + 1}"`);
    expect((await load("newer"))[0]).toMatch(
      /plugin version 1\.\d+ doesn't match version 1\.\d+: install an older release of the plugin, or a newer one of the daemon$/,
    );
    for (const api of [`"${major}.0"`, `"${PLUGIN_API_VERSION}"`]) {
      addPlugin("earlier", {}, "", api);
      expect(await load("earlier")).toEqual(["loaded plugins: earlier good"]);
    }
    addPlugin("odd", {}, "", `"soon"`);
    expect((await load("odd"))[0]).toMatch(/plugin version soon doesn't match version 1\.\d+: /);
  });

  it("where a peer dependency is missing that is not optional", async () => {
    const peers = {
      peerDependencies: { "acme-hsm": "^1.0.0", "acme-logs": "^1.0.0" },
      peerDependenciesMeta: { "acme-logs": { optional: true } },
    };
    addPlugin("bad", peers);
    expect(await load()).toEqual([
      "plugin 'bad' failed to load: its peer dependency 'acme-hsm' is not installed: install it with npm in " +
        "FOLDER/node_modules/cygnet-plugin-bad, or where that is installed",
      "loaded plugins: good",
    ]);
    write(join(folder, "node_modules/acme-hsm/package.json"), "{}");
    expect(await load()).toEqual(["loaded plugins: bad good"]);
  });

  it("where a peer dependency is there in a version that it cannot use", async () => {
    addPlugin("bad", { peerDependencies: { "acme-hsm": "^2.1.0" } });
    const install = async (version: string): Promise<string[]> => {
      write(join(folder, "node_modules/acme-hsm/package.json"), JSON.stringify({ version }));
      return load();
    };
    expect(await install("1.4.0")).toEqual([
      "plugin 'bad' failed to load: its peer dependency 'acme-hsm' has to be ^2.1.0, and 1.4.0 is installed in " +
        "FOLDER/node_modules/acme-hsm: install one of that range with npm in FOLDER/node_modules/cygnet-plugin-bad",
      "loaded plugins: good",
    ]);
    expect((await install("3.0.0"))[0]).toContain("has to be ^2.1.0, and 3.0.0 is installed");
    for (const version of ["2.1.0", "2.9.3", "2.2.0-rc.1", "latest"])
      expect(await install(version), version).toEqual(["loaded plugins: bad good"]);
    addPlugin("bad", { peerDependencies: { "acme-hsm": "workspace:*" } });
    expect(await install("1.4.0")).toEqual(["loaded plugins: bad good"]);
  });

  it("where the plugin API has to be in a range that this daemon's is not in, whichever copy lies beside the plugin", async () => {
    const needing = async (range: string): Promise<string[]> => {
      addPlugin("bad", { peerDependencies: { "@cygnet/plugin-api": range } });
      return load();
    };
    const beside = join(folder, "node_modules/@cygnet/plugin-api/package.json");
    write(beside, JSON.stringify({ version: "9.1.0" }));
    expect(await needing("^9.0.0")).toEqual([
      `plugin 'bad' failed to load: its peer dependency '@cygnet/plugin-api' has to be ^9.0.0, and this daemon has ${VERSION}: ` +
        "install an older release of the plugin, or a newer one of the daemon",
      "loaded plugins: good",
    ]);
    expect((await needing("<0.0.5"))[0]).toBe(
      `plugin 'bad' failed to load: its peer dependency '@cygnet/plugin-api' has to be <0.0.5, and this daemon has ${VERSION}: ` +
        "install a newer release of the plugin",
    );
    expect((await needing("0.0.4 || ^9.0.0"))[0]).toMatch(/: install another release of the plugin$/);
    for (const range of [VERSION, `^${VERSION}`, ">=0.0.1 <9", "*"])
      expect(await needing(range), range).toEqual(["loaded plugins: bad good"]);
    // Without a copy of its own it could not be imported.
    rmSync(beside);
    expect((await needing(VERSION))[0]).toContain("its peer dependency '@cygnet/plugin-api' is not installed");
  });

  it("where a package is missing that it imports", async () => {
    addPlugin("bad", {}, "import { createRequire } from 'node:module';\ncreateRequire(import.meta.url)('acme-token');");
    expect((await load())[0]).toBe(
      "plugin 'bad' failed to load: it needs 'acme-token', which is not installed: install it with npm where the plugin is",
    );
  });

  it("where it was not built, or what is built is broken", async () => {
    const place = "FOLDER/node_modules/cygnet-plugin-bad";
    addPlugin("bad", { main: "dist/index.js" });
    expect((await load())[0]).toBe(
      `plugin 'bad' failed to load: there is no ${place}/dist/index.js: build the plugin, or correct what its package.json names`,
    );
    addPlugin("bad", {}, "import { createRequire } from 'node:module';\ncreateRequire(import.meta.url)('./cut.node');");
    write(join(packageFolder("bad"), "cut.node"), "");
    expect((await load())[0]).toBe(
      `plugin 'bad' failed to load: ${place}/cut.node: file too short: run 'npm rebuild' where it is installed`,
    );
    write(join(packageFolder("bad"), "package.json"), "null");
    expect((await load())[0]).toBe(`plugin 'bad' failed to load: ${place}/package.json is no JSON object`);
  });

  it.skipIf(needsCompiler)(
    `where its native module is for another Node.js${needsCompiler ? ` (skipped: ${needsCompiler})` : ""}`,
    async () => {
      // What node::node_module begins with; its first member is the version that Node.js looks at.
      const source = `
      struct module { int version; unsigned flags; void *handle; const char *file; void *init; void *context; const char *name; void *data, *next; };
      static struct module it = { 64, 0, 0, "old.c", 0, 0, "old", 0, 0 };
      extern void node_module_register(void *);
      static __attribute__((constructor)) void load(void) { node_module_register(&it); }`;
      addPlugin("bad", {}, "import { createRequire } from 'node:module';\ncreateRequire(import.meta.url)('./old.node');");
      const native = join(packageFolder("bad"), "old.node");
      write(join(packageFolder("bad"), "old.c"), source);
      execFileSync("gcc", ["-shared", "-fPIC", "-o", native, join(packageFolder("bad"), "old.c")]);
      expect(await load()).toEqual([
        `plugin 'bad' failed to load: FOLDER/node_modules/cygnet-plugin-bad/old.node was built for another Node.js (module version 64, this one has ` +
          `${process.versions.modules}): run 'npm rebuild' where it is installed`,
        "loaded plugins: good",
      ]);
    },
  );

  it("but a critical one ends the start, after the line that says why", async () => {
    addPlugin("bad", { peerDependencies: { "acme-hsm": "1" } });
    expect(await load("bad!")).toEqual([
      expect.stringContaining("its peer dependency 'acme-hsm' is not installed"),
      "loading critical plugin 'bad' failed",
    ]);
  });
});
