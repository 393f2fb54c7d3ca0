import { custom, definePlugin, int, text } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { charonSection, setup, noted, plugin } from "./host-setup.js";
import type { Journal } from "./host-setup.js";

describe("plugin host", () => {
  it("reports what became of each plugin, with features, options and reasons", async () => {
    const typed = definePlugin({
      name: "typed",
      api: 1,
      options: {
        port: int(500, "A port."),
        password: text(undefined, "A secret.", { isSecret: true, reloadable: true }),
        NAME: text(undefined, "Anything."),
      },
      features: () => [
        noted([], custom("good"), { on: "both" }),
        noted([], custom("needy"), { depends: [custom("none")], on: "control" }),
      ],
    });
    const { host } = setup([typed, plugin("idle")], "", {
      charon: charonSection("load = gone typed idle\n plugins {\n typed {\n port = 4500\n password = p\n extra = 1\n } }"),
    });
    await host.load();
    expect(host.report()).toEqual([
      { name: "gone", critical: false, loaded: false, reason: "not installed", features: [], options: [] },
      {
        name: "typed",
        critical: false,
        loaded: true,
        features: [
          { feature: "CUSTOM:good", on: "both", loaded: true, depends: [] },
          {
            feature: "CUSTOM:needy",
            on: "control",
            loaded: false,
            reason: "unmet dependency: CUSTOM:none",
            depends: [{ feature: "CUSTOM:none", soft: false }],
          },
        ],
        options: [
          { key: "charon.plugins.typed.port", value: "4500", place: "x.conf:4", reloadable: false },
          { key: "charon.plugins.typed.password", value: "(secret)", place: "x.conf:5", reloadable: true },
          { key: "charon.plugins.typed.extra", value: "1", place: "x.conf:6", reloadable: false },
        ],
      },
      {
        name: "idle",
        critical: false,
        loaded: false,
        reason: "it provides nothing with these options",
        features: [],
        options: [],
      },
    ]);
  });

  it("rehearses: resolves everything and registers nothing", async () => {
    const journal: Journal = [];
    const plugins = [
      plugin("a", noted(journal, custom("a"), { depends: [custom("b")] })),
      plugin("b", noted(journal, custom("b"), { on: "both" })),
    ];
    const { host } = setup(plugins, "a b", { isRehearsal: true });
    await host.load();
    expect(journal).toEqual([]);
    expect(host.loadOrder()).toEqual([
      { plugin: "b", feature: "CUSTOM:b" },
      { plugin: "a", feature: "CUSTOM:a" },
    ]);
    expect(host.report().every(({ loaded }) => loaded)).toBe(true);
  });

  it("says when all plugins are loaded", async () => {
    const journal: string[] = [];
    const early = plugin("early", {
      provides: custom("early"),
      register: ({ ready }) => {
        void ready.then(() => void journal.push("ready"));
      },
    });
    const { host } = setup([early, plugin("late", noted(journal, custom("late")))], "early late");
    await host.load();
    await Promise.resolve();
    expect(journal).toEqual(["+late/CUSTOM:late", "ready"]);
  });

  it("does not load a name twice, nor one that is built in", async () => {
    const journal: Journal = [];
    const charon = plugin("charon", noted(journal, custom("core")));
    const { host } = setup(
      [plugin("a", noted(journal, custom("a"))), plugin("charon", noted(journal, custom("fake")))],
      "a charon a",
      {
        builtIn: [charon],
      },
    );
    await host.load();
    expect(journal).toEqual(["+charon/CUSTOM:core", "+a/CUSTOM:a"]);
  });

  it("registers only the features of its own location, and resolves the others all the same", async () => {
    const journal: Journal = [];
    const plugins = [
      plugin(
        "stroke",
        noted(journal, custom("stroke"), { on: "control", depends: [custom("kernel-ipsec")] }),
        noted(journal, custom("stroke-counters")),
      ),
      plugin("kernel", noted(journal, custom("kernel-ipsec"))),
    ];
    const control = setup(plugins, "stroke kernel", { locations: ["control"] });
    await control.host.load();
    expect(journal).toEqual(["+stroke/CUSTOM:stroke"]);
    expect(control.host.featureNames()).toEqual(["CUSTOM:stroke"]);
    expect(control.host.list().map(({ name }) => name)).toEqual(["stroke", "kernel"]);
    journal.length = 0;
    const shard = setup(plugins, "stroke kernel", { locations: ["shard"] });
    await shard.host.load();
    expect(journal).toEqual(["+kernel/CUSTOM:kernel-ipsec", "+stroke/CUSTOM:stroke-counters"]);
    await shard.host.unload();
    expect(journal).toHaveLength(4);
  });
});
