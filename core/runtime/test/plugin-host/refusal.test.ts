import { LogGroup, custom, definePlugin } from "@cygnet/plugin-api";
import type { Feature, Plugin } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { setup, noted, plugin } from "./host-setup.js";

describe("a plugin that is refused", () => {
  it("refuses what is no plugin for this daemon, in strongSwan's words", async () => {
    const { host, lib1 } = setup(
      [],
      "gone broken none wrong-api no-api other x509",
      { later: new Set(["x509"]) },
      {
        broken: () => {
          throw new Error("Cannot find package 'pkcs11js'");
        },
        none: () => 42,
        "wrong-api": () => ({ ...plugin("wrong-api"), api: 7 }),
        "no-api": () => ({ name: "no-api", features: () => [] }),
        other: () => plugin("another"),
      },
    );
    await host.load();
    expect(lib1()).toEqual([
      "plugin 'gone': failed to load - gone_plugin_create not found and no plugin file available",
      "plugin 'broken' failed to load: Cannot find package 'pkcs11js'",
      "plugin 'none': failed to load - none_plugin_create not found: the module must export the plugin as default",
      "plugin 'wrong-api': failed to load - plugin version 7 doesn't match version 1: install an older release of the plugin, or a newer one of the daemon",
      "plugin 'no-api': failed to load - version field no_api_plugin_version missing: state 'api: 1'",
      "plugin 'other': failed to load - the package defines plugin 'another': load it by that name",
      "plugin 'x509': failed to load - not available in this release",
      "loaded plugins: ",
    ]);
  });

  it("says what is wrong with the features of a module that nobody type-checked", async () => {
    const declaring = (name: string, features: unknown): [string, () => unknown] => [
      name,
      () => ({ name, api: 1, features: () => features }),
    ];
    const register = (): void => undefined;
    const { host, lib1 } = setup(
      [],
      "no-list no-name plain no-register no-place",
      {},
      Object.fromEntries([
        declaring("no-list", undefined),
        declaring("no-name", [{ register }]),
        declaring("plain", [
          { provides: custom("plain"), register },
          { provides: { type: "CUSTOM", name: "x" }, register },
        ]),
        declaring("no-register", [{ provides: custom("x") }]),
        declaring("no-place", [{ provides: custom("x"), on: "everywhere", register }]),
      ]),
    );
    await host.load();
    const nameless = "has no name: make 'provides' with custom() or one of its siblings";
    expect(lib1()).toEqual([
      "plugin 'no-list' failed to load: its features are no list: have 'features' return an array",
      `plugin 'no-name' failed to load: its feature number 1 ${nameless}`,
      `plugin 'plain' failed to load: its feature number 2 ${nameless}`,
      "plugin 'no-register' failed to load: its feature CUSTOM:x has no function 'register': add one, that returns its own undo",
      'plugin \'no-place\' failed to load: its feature CUSTOM:x is on \'everywhere\', which is no place: have it on "shard", "control" or "both"',
      "loaded plugins: ",
    ]);
  });

  it("says what to do about a module that Node.js does not take", async () => {
    const throwing = (error: Error) => (): never => {
      throw error;
    };
    const { host, lib1 } = setup(
      [],
      "typescript syntax",
      {},
      {
        typescript: throwing(
          Object.assign(new TypeError('Unknown file extension ".ts" for /x/index.ts'), { code: "ERR_UNKNOWN_FILE_EXTENSION" }),
        ),
        syntax: throwing(new SyntaxError("Unexpected end of input")),
      },
    );
    await host.load();
    expect(lib1()).toEqual([
      "plugin 'typescript' failed to load: Unknown file extension \".ts\" for /x/index.ts: build the plugin, and have its package.json name the JavaScript",
      "plugin 'syntax' failed to load: Unexpected end of input: 'node --check FILE' says where, for each of its modules",
      "loaded plugins: ",
    ]);
  });

  it("waits for a module that does not come to its end, but not for ever", async () => {
    const endless = { find: () => new Promise<undefined>(() => undefined) };
    const { host, clock, lib1 } = setup([], "endless", { source: endless });
    const loaded = host.load();
    await Promise.resolve();
    clock.advance(10_000);
    await loaded;
    expect(lib1()).toEqual(["plugin 'endless' failed to load: it takes longer than 10 s", "loaded plugins: "]);
  });

  it("leaves all that to the host of another thread, which tells the same", async () => {
    const { host, lib1 } = setup([], "gone broken x509", { isQuiet: true, later: new Set(["x509"]) }, { broken: () => 42 });
    await host.load();
    expect(lib1()).toEqual([]);
  });

  it("by its options is told once, and not by each shard", async () => {
    const off = definePlugin({ ...plugin("off"), disabled: () => "off is not wanted" });
    for (const isQuiet of [false, true]) {
      const { host, sink } = setup([off], "off", { isQuiet });
      await host.load();
      expect(sink.messages(LogGroup.CFG)).toEqual(isQuiet ? [] : ["off is not wanted"]);
    }
  });

  const failing = (name: string, changes: Partial<Feature> = {}): Plugin =>
    plugin(
      name,
      noted([], custom(name), {
        register: () => {
          throw new Error("no such kernel");
        },
        ...changes,
      }),
    );

  it("tells on one of several shards why a feature of theirs failed, and on control of those that are there as well", async () => {
    const { host, lib1 } = setup([failing("x"), failing("y", { on: "both" })], "x y", { isQuiet: true, locations: ["shard"] });
    await host.load();
    expect(lib1()).toEqual(["registering CUSTOM:x of plugin 'x' failed: no such kernel"]);
  });

  it("does not repeat on other threads why a feature failed, unless it is critical", async () => {
    const { host, lib, lib1 } = setup([failing("x"), failing("y")], "x y!", { isQuiet: true, isRepeated: true });
    await host.load().catch(() => undefined);
    expect(lib1()).not.toContain("registering CUSTOM:x of plugin 'x' failed: no such kernel");
    expect(lib1()).toContain("registering CUSTOM:y of plugin 'y' failed: no such kernel");
    expect(lib()).toContain("registering CUSTOM:x of plugin 'x' failed: no such kernel");
  });
});
