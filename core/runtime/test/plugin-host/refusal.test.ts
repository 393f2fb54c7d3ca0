import { LogGroup, custom, definePlugin } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
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

  it("does not repeat on other threads why a feature failed, unless it is critical", async () => {
    const failing = (name: string): Plugin =>
      plugin(
        name,
        noted([], custom(name), {
          register: () => {
            throw new Error("no such kernel");
          },
        }),
      );
    const { host, lib, lib1 } = setup([failing("x"), failing("y")], "x y!", { isQuiet: true });
    await host.load().catch(() => undefined);
    expect(lib1()).not.toContain("registering CUSTOM:x of plugin 'x' failed: no such kernel");
    expect(lib1()).toContain("registering CUSTOM:y of plugin 'y' failed: no such kernel");
    expect(lib()).toContain("registering CUSTOM:x of plugin 'x' failed: no such kernel");
  });
});
