import { LogGroup, RngQuality, custom, feature, rng } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { setup, noted, plugin } from "./host-setup.js";
import type { Journal } from "./host-setup.js";

describe("the dependencies of features", () => {
  it("loads what a feature depends on first, and unloads in reverse order, once", async () => {
    const journal: Journal = [];
    const { host } = setup(
      [
        plugin("a", noted(journal, custom("a"), { depends: [custom("b")], softDepends: [custom("d")] })),
        plugin("b", noted(journal, custom("b"), { depends: [custom("c")] })),
        plugin("c", noted(journal, custom("c"))),
        plugin("d", noted(journal, custom("d"))),
      ],
      "a b c d",
    );
    await host.load();
    expect(journal).toEqual(["+c/CUSTOM:c", "+b/CUSTOM:b", "+d/CUSTOM:d", "+a/CUSTOM:a"]);
    expect(host.list().map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
    journal.length = 0;
    await Promise.all([host.unload(), host.unload()]);
    await host.unload();
    expect(journal).toEqual(["-a/CUSTOM:a", "-d/CUSTOM:d", "-b/CUSTOM:b", "-c/CUSTOM:c"]);
    expect(host.list()).toEqual([]);
  });

  it("prefers an exact match, and takes a better random number generator otherwise", async () => {
    const journal: Journal = [];
    const { host } = setup(
      [
        plugin("user", noted(journal, custom("user"), { depends: [rng(RngQuality.STRONG)] })),
        plugin("true", noted(journal, rng(RngQuality.TRUE))),
        plugin("strong", noted(journal, rng(RngQuality.STRONG))),
        plugin("weak", noted(journal, rng(RngQuality.WEAK))),
      ],
      "user true strong weak",
    );
    await host.load();
    expect(journal).toEqual(["+strong/RNG:RNG_STRONG", "+true/RNG:RNG_TRUE", "+user/CUSTOM:user", "+weak/RNG:RNG_WEAK"]);
  });

  it("does not take a lesser generator for a better one", async () => {
    const { host, lib } = setup(
      [
        plugin("user", noted([], custom("user"), { depends: [rng(RngQuality.TRUE)] })),
        plugin("weak", noted([], rng(RngQuality.STRONG))),
      ],
      "user weak",
    );
    await host.load();
    expect(host.list().map(({ name }) => name)).toEqual(["weak"]);
    expect(lib()).toEqual([
      "plugin 'user': loaded successfully",
      "plugin 'weak': loaded successfully",
      "feature CUSTOM:user in plugin 'user' has unmet dependency: RNG:RNG_TRUE",
      "unloading plugin 'user' without loaded features",
      "loaded plugins: weak",
      "unable to load 1 plugin feature (1 due to unmet dependencies)",
    ]);
  });

  it("matches DATABASE:DB_ANY with every database", async () => {
    const { host } = setup(
      [
        plugin("sql", noted([], custom("sql"), { depends: [feature("DATABASE", "DB_ANY")] })),
        plugin("sqlite", noted([], feature("DATABASE", "DB_SQLITE"))),
      ],
      "sql sqlite",
    );
    await host.load();
    expect(host.featureNames()).toEqual(["CUSTOM:sql", "DATABASE:DB_SQLITE"]);
  });

  it("cuts loops, telling their path at level 3 only", async () => {
    const { host, lib, sink } = setup(
      [
        plugin("a", noted([], custom("a"), { softDepends: [custom("b")] })),
        plugin("b", noted([], custom("b"), { depends: [custom("a")] })),
      ],
      "a b",
    );
    await host.load();
    const loop = "loop detected while loading CUSTOM:a in plugin 'a': CUSTOM:a <- CUSTOM:b <- CUSTOM:a";
    expect(sink.messages(LogGroup.LIB, 2)).not.toContain(loop);
    expect(lib()).toContain(loop);
    expect(lib()).toContain("feature CUSTOM:b in plugin 'b' has unmet dependency: CUSTOM:a");
    expect(lib()).toContain("feature CUSTOM:a in plugin 'a' has unmet soft dependency: CUSTOM:b");
    expect(host.featureNames()).toEqual(["CUSTOM:a"]);
  });

  it("tells a circle of hard dependencies in one line, with what helps, and loads the rest", async () => {
    const plugins = [
      plugin("a", noted([], custom("a"), { depends: [custom("b")] })),
      plugin("b", noted([], custom("b"), { depends: [custom("c")] })),
      plugin("c", noted([], custom("c"), { depends: [custom("a")] }), noted([], custom("d"))),
    ];
    const { host, lib1 } = setup(plugins, "a b c");
    await host.load();
    expect(lib1()).toEqual([
      "feature CUSTOM:c in plugin 'c' has a cyclic dependency: CUSTOM:a <- CUSTOM:b <- CUSTOM:c <- CUSTOM:a: take one of these dependencies " +
        "out of its plugin, or make it a soft one",
      "loaded plugins: c",
    ]);
    expect(host.report()[0]).toMatchObject({ name: "a", loaded: false, features: [{ reason: "unmet dependency: CUSTOM:b" }] });
    await expect(setup(plugins, "a! b c").host.load()).rejects.toMatchObject({ code: "CYG_PLUGIN_CRITICAL" });
  });

  it("loads a feature once that a plugin declares twice, unless its parts live on different threads", async () => {
    const journal: Journal = [];
    const twice = plugin(
      "twice",
      noted(journal, custom("x"), { on: "control" }),
      noted(journal, custom("x"), { on: "shard" }),
      noted(journal, custom("x"), { on: "both" }),
    );
    const { host, lib1 } = setup([twice], "twice");
    await host.load();
    expect(journal).toEqual(["+twice/CUSTOM:x", "+twice/CUSTOM:x"]);
    expect(lib1()).toEqual([
      "feature CUSTOM:x in plugin 'twice' is declared twice, the first one is used: remove the other from the plugin",
      "loaded plugins: twice",
    ]);
    await expect(setup([twice], "twice!").host.load()).rejects.toMatchObject({ code: "CYG_PLUGIN_CRITICAL" });
  });
});
