import { custom } from "@cygnet/plugin-api";
import { PLUGIN_LIMIT_MS } from "@cygnet/runtime";
import { describe, expect, it } from "vitest";
import { setup, noted, plugin } from "./host-setup.js";
import type { Journal } from "./host-setup.js";

describe("the registration of a feature", () => {
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
});
