import { custom, definePlugin, flag, int, section, text } from "@cygnet/plugin-api";
import { OptionError } from "@cygnet/runtime";
import { describe, expect, it } from "vitest";
import { charonSection, setup, noted, plugin } from "./host-setup.js";

describe("plugin options", () => {
  const options = { port: int(500, "Port.", { min: 0, max: 65535 }), verbose: flag(false, "Talk.", { reloadable: true }) };

  it("are read from the plugin's section before its features are asked for", async () => {
    const seen: unknown[] = [];
    const typed = definePlugin({
      name: "typed",
      api: 1,
      options,
      features: ({ port }) => [noted([], custom(`port-${port}`), { register: (context) => void seen.push(context.options) })],
    });
    const { host } = setup([typed], "", { charon: charonSection("load = typed\n plugins { typed { port = 4500\n } }") });
    await host.load();
    expect(host.featureNames()).toEqual(["CUSTOM:port-4500"]);
    expect(seen).toEqual([{ port: 4500, verbose: false }]);
  });

  it("of the wrong type keep their plugin from loading, in one line with place and remedy", async () => {
    const typed = definePlugin({ name: "typed", api: 1, options, features: () => [noted([], custom("typed"))] });
    const { host, lib1 } = setup([typed, plugin("a", noted([], custom("a")))], "", {
      charon: charonSection("load = typed a\n plugins {\n typed {\n port = 70000\n } }"),
    });
    await host.load();
    expect(lib1()).toEqual([
      "plugin 'typed' failed to load: x.conf:4:2: charon.plugins.typed.port: 70000 is out of range, it must be at least 0 and at most " +
        "65535; correct it, or take typed out of the plugins to load",
      "loaded plugins: a",
    ]);
  });

  it("of a critical plugin stop the start with their place when they are unusable", async () => {
    const typed = definePlugin({ name: "typed", api: 1, options, features: () => [] });
    const { host } = setup([typed], "", { charon: charonSection("load = typed!\n plugins {\n typed {\n port = 70000\n } }") });
    const error: unknown = await host.load().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OptionError);
    expect(error).toMatchObject({ code: "CYG_OPTION_VALUE", key: "charon.plugins.typed.port", file: "x.conf", line: 4 });
  });

  it("reload what may change, say what may not, and leave all as it is on a mistake", async () => {
    const reloaded: unknown[] = [];
    const typed = definePlugin({
      name: "typed",
      api: 1,
      options,
      features: () => [noted([], custom("typed"))],
      reload: (context) => void reloaded.push(context.options),
    });
    const { host, lib } = setup([typed], "typed");
    await host.load();
    await host.reload(charonSection("plugins { typed { port = 4500\n verbose = yes\n } }"));
    expect(reloaded).toEqual([{ port: 500, verbose: true }]);
    expect(lib()).toContain("charon.plugins.typed.port changed, which takes effect after a restart");
    expect(lib()).toContain("reloaded configuration of 'typed' plugin");
    expect(host.report()[0]!.options).toEqual([
      { key: "charon.plugins.typed.port", value: "500", afterRestart: "4500", place: "x.conf:1", reloadable: false },
      { key: "charon.plugins.typed.verbose", value: "yes", place: "x.conf:2", reloadable: true },
    ]);
    await expect(host.reload(charonSection("plugins { typed { verbose = perhaps\n } }"))).rejects.toMatchObject({
      code: "CYG_OPTION_VALUE",
    });
    expect(reloaded).toHaveLength(1);
  });

  it("that a reload cannot apply are named: of sections, of the daemon's section, and the list of plugins", async () => {
    const typed = definePlugin({
      name: "typed",
      api: 1,
      options: { pools: section("Pools.") },
      charonOptions: { dns1: text(undefined, "A server."), dns2: text(undefined, "A server.", { reloadable: true }) },
      features: () => [noted([], custom("typed"))],
    });
    const { host, lib1 } = setup([typed, plugin("a", noted([], custom("a")))], "typed a");
    await host.load();
    const before = lib1().length;
    await host.reload(charonSection("load = typed b\n dns1 = x\n dns2 = x\n plugins { typed { pools { p = 1\n } } }"));
    expect(lib1().slice(before)).toEqual([
      "plugin 'b' is to be loaded now, which takes effect after a restart",
      "plugin 'a' is not to be loaded any more, which takes effect after a restart",
      "charon.plugins.typed.pools changed, which takes effect after a restart",
      "charon.dns1 changed, which takes effect after a restart",
    ]);
    await host.reload(charonSection("load = typed a"));
    expect(lib1()).toHaveLength(before + 4);
  });
});
