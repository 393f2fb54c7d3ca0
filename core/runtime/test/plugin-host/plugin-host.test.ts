import {
  LogGroup,
  Logger,
  RngQuality,
  custom,
  definePlugin,
  feature,
  flag,
  int,
  rng,
  section,
  serviceToken,
  text,
} from "@cygnet/plugin-api";
import type { Feature, FeatureRef, Plugin } from "@cygnet/plugin-api";
import {
  LogManager,
  OptionError,
  PLUGIN_LIMIT_MS,
  PluginHost,
  createContainer,
  provide,
  provideUntilUndone,
  resolveFor,
} from "@cygnet/runtime";
import type { Container, PluginHostOptions } from "@cygnet/runtime";
import { MemoryPluginSource, MemorySink, VirtualClock } from "@cygnet/runtime/testing";
import { parseSettings } from "@cygnet/settings";
import type { SettingsView } from "@cygnet/settings";
import { describe, expect, it } from "vitest";

/** What happened in which order. */
type Journal = string[];

const charonSection = (text: string): SettingsView =>
  parseSettings(`charon { ${text} }`, { file: "x.conf" }).settings.section("charon");

function setup(
  plugins: readonly Plugin[],
  load: string,
  changes: Partial<PluginHostOptions> = {},
  others: Record<string, () => unknown> = {},
) {
  const clock = new VirtualClock();
  const log = new LogManager(clock);
  const sink = new MemorySink();
  log.addSink(sink);
  const container: Container = createContainer();
  const host = new PluginHost({
    locations: ["control", "shard"],
    source: new MemoryPluginSource(plugins, others),
    container,
    log,
    charon: charonSection(`load = ${load}\n`),
    timers: clock,
    ...changes,
  });
  return {
    host,
    clock,
    sink,
    container,
    log,
    lib: () => sink.messages(LogGroup.LIB),
    lib1: () => sink.messages(LogGroup.LIB, 1),
  };
}

/** A feature that writes down when it comes and goes. */
function noted(journal: Journal, provides: FeatureRef, changes: Partial<Feature> = {}): Feature {
  return {
    provides,
    register: ({ plugin }) => {
      journal.push(`+${plugin}/${provides.toString()}`);
      return () => void journal.push(`-${plugin}/${provides.toString()}`);
    },
    ...changes,
  };
}

const plugin = (name: string, ...features: readonly Feature[]): Plugin =>
  definePlugin({ name, api: 1, features: () => features });

describe("plugin host", () => {
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

  it("fails a feature that throws with the reason, and keeps the plugin's others", async () => {
    const { host, lib } = setup(
      [
        plugin(
          "x",
          noted([], custom("good")),
          noted([], custom("bad"), {
            register: () => {
              throw new Error("port 500 is in use");
            },
          }),
          noted([], custom("needy"), { depends: [custom("bad")] }),
        ),
      ],
      "x",
    );
    await host.load();
    expect(lib()).toEqual([
      "plugin 'x': loaded successfully",
      "registering CUSTOM:bad of plugin 'x' failed: port 500 is in use",
      "feature CUSTOM:bad in plugin 'x' failed to load",
      "feature CUSTOM:needy in plugin 'x' has unmet dependency: CUSTOM:bad",
      "loaded plugins: x",
      "unable to load 2 plugin features (1 due to unmet dependencies)",
    ]);
    expect(host.list()).toEqual([
      {
        name: "x",
        features: [
          { feature: "CUSTOM:good", loaded: true, depends: [] },
          { feature: "CUSTOM:bad", loaded: false, depends: [] },
          { feature: "CUSTOM:needy", loaded: false, depends: [{ feature: "CUSTOM:bad", soft: false }] },
        ],
      },
    ]);
  });

  it("takes everything back when a critical plugin lacks a feature", async () => {
    const journal: Journal = [];
    const { host, lib1 } = setup(
      [plugin("a", noted(journal, custom("a"))), plugin("b", noted(journal, custom("b"), { depends: [custom("none")] }))],
      "a b!",
    );
    await expect(host.load()).rejects.toMatchObject({ code: "CYG_PLUGIN_CRITICAL" });
    expect(journal).toEqual(["+a/CUSTOM:a", "-a/CUSTOM:a"]);
    expect(lib1()).toEqual([
      "feature CUSTOM:b in critical plugin 'b' has unmet dependency: CUSTOM:none",
      "failed to load 1 critical plugin feature",
    ]);
  });

  it("fails a registration that takes longer than ten seconds, and undoes it if it comes after all", async () => {
    const journal: Journal = [];
    let finish!: () => void;
    const slow = noted(journal, custom("slow"), {
      register: () => new Promise((resolve) => (finish = () => resolve(() => void journal.push("undone")))),
    });
    const { host, clock, lib1 } = setup([plugin("hsm", slow), plugin("b", noted(journal, custom("b")))], "hsm b");
    const loading = host.load();
    await expect.poll(() => clock.armedTimers).toBe(1);
    clock.advance(PLUGIN_LIMIT_MS);
    await loading;
    expect(lib1()).toEqual(["registering CUSTOM:slow of plugin 'hsm' failed: it takes longer than 10 s", "loaded plugins: b"]);
    finish();
    await expect.poll(() => journal).toContain("undone");
    expect(clock.armedTimers).toBe(0);
  });

  it("waits for asynchronous registrations, and disarms their limit", async () => {
    const { host, clock } = setup(
      [plugin("a", noted([], custom("a"), { register: () => Promise.resolve(() => undefined) }))],
      "a",
    );
    await host.load();
    expect(host.featureNames()).toEqual(["CUSTOM:a"]);
    expect(clock.armedTimers).toBe(0);
  });

  it("goes on unloading when an undo fails", async () => {
    const journal: Journal = [];
    const failing = noted(journal, custom("b"), {
      register: () => () => {
        throw new Error("busy");
      },
    });
    const { host, lib1 } = setup([plugin("a", noted(journal, custom("a"))), plugin("b", failing)], "a b");
    await host.load();
    await host.unload();
    expect(journal).toEqual(["+a/CUSTOM:a", "-a/CUSTOM:a"]);
    expect(lib1()).toContain("unloading CUSTOM:b of plugin 'b' failed: busy");
  });

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

  it("gives services by their tokens, and names plugin and token of a missing one", async () => {
    const Missing = serviceToken<object>("Missing");
    let got: unknown;
    const user = plugin(
      "user",
      noted([], custom("user"), {
        register: ({ resolve }) => {
          got = resolve(Logger);
        },
      }),
      noted([], custom("greedy"), { register: ({ resolve }) => void resolve(Missing) }),
    );
    const { host, container, log, lib1 } = setup([user], "user");
    provide(container, Logger, log);
    await host.load();
    expect(got).toBe(log);
    expect(lib1()).toContain(
      "registering CUSTOM:greedy of plugin 'user' failed: plugin 'user' asks for Missing, which is not available here",
    );
  });

  it("hands a plugin's service to the core and to other plugins until the feature is undone", async () => {
    const Service = serviceToken<string>("Service");
    const got: string[] = [];
    const giver = plugin("giver", noted([], custom("service"), { register: ({ provide: offer }) => offer(Service, "given") }));
    const user = plugin(
      "user",
      noted([], custom("user"), {
        depends: [custom("service")],
        register: ({ resolve }) => {
          got.push(resolve(Service));
          return () => void got.push(resolve(Service));
        },
      }),
    );
    const { host, container } = setup([user, giver], "user giver");
    await host.load();
    expect(resolveFor("core", container, Service)).toBe("given");
    await host.unload();
    expect(got).toEqual(["given", "given"]);
    expect(() => resolveFor("core", container, Service)).toThrow("asks for Service, which is not available here");
  });

  it("falls back to the core's service, or to another plugin's, when the last one goes", () => {
    const Service = serviceToken<string>("Service");
    const container = createContainer();
    provide(container, Service, "core");
    const undoFirst = provideUntilUndone(container, Service, "first");
    const undoSecond = provideUntilUndone(container, Service, "second");
    const now = () => resolveFor("x", container, Service);
    expect(now()).toBe("second");
    undoFirst();
    undoFirst();
    expect(now()).toBe("second");
    undoSecond();
    expect(now()).toBe("core");
    const undoThird = provideUntilUndone(container, Service, "third");
    expect(now()).toBe("third");
    undoThird();
    expect(now()).toBe("core");
  });
});

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
