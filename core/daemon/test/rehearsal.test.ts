import { custom, definePlugin, flag } from "@cygnet/plugin-api";
import type { Feature, Plugin } from "@cygnet/plugin-api";
import { MemoryPluginSource } from "@cygnet/runtime/testing";
import { parseSettings } from "@cygnet/settings";
import { describe, expect, it } from "vitest";
import { rehearse } from "../src/index.js";
import { combineReports } from "../src/control/plugin-reports.js";

const never = (): never => {
  throw new Error("a rehearsal registers nothing");
};
const provides = (name: string, depends: readonly string[] = []): Feature => ({
  provides: custom(name),
  depends: depends.map(custom),
  register: never,
});
const plugin = (name: string, ...features: readonly Feature[]): Plugin =>
  definePlugin({ name, api: 1, options: { fast: flag(false, "Be fast.") }, features: () => features });

const rehearsalOf = (text: string, plugins: readonly Plugin[]) =>
  rehearse({
    settings: parseSettings(`charon {\n${text}\n}\n`, { file: "x.conf" }).settings,
    pluginSource: new MemoryPluginSource(plugins),
  });

describe("rehearsal", () => {
  it("tells what would load in which order, and what the daemon lacks to start", async () => {
    const { plugins, order, refusals } = await rehearsalOf("load = a b", [
      plugin("a", provides("a", ["b"])),
      plugin("b", provides("b")),
    ]);
    expect(order).toEqual([
      { plugin: "b", feature: "CUSTOM:b" },
      { plugin: "a", feature: "CUSTOM:a" },
    ]);
    expect(plugins.map(({ name, loaded, critical }) => [name, loaded, critical])).toEqual([
      ["charon", false, true],
      ["a", true, false],
      ["b", true, false],
    ]);
    expect(refusals).toEqual(["failed to load 3 critical plugin features"]);
  });

  it("tells what nothing reads, and sections of plugins that are not loaded", async () => {
    const { unread, unused, warnings } = await rehearsalOf(
      "load = a\nprot = 1\nplugins {\na {\nfats = yes\nfast = on\n}\nb {\nfast = yes\n}\nc {\nload = no\n}\n}",
      [plugin("a", provides("a")), plugin("b", provides("b"))],
    );
    expect(unread).toEqual(["x.conf:3: unknown option 'charon.prot'", "x.conf:6: unknown option 'charon.plugins.a.fats'"]);
    expect(unused).toEqual([{ plugin: "b", place: "x.conf:9" }]);
    expect(warnings).toEqual(["x.conf:7:1: charon.plugins.a.fast: 'on' is neither yes nor no, the default 'no' is used"]);
  });

  it("names the option that the daemon would not start with", async () => {
    await expect(rehearsalOf("port = x", [])).rejects.toMatchObject({ code: "CYG_OPTION_VALUE" });
    const { refusals } = await rehearsalOf("load = a!\nplugins {\na {\nfast = 7\n}\n}", [plugin("a", provides("a"))]);
    expect(refusals[0]).toBe("x.conf:5:1: charon.plugins.a.fast: '7' is not yes or no");
  });
});

it("the reports of control and shards are one, in which a feature is loaded that is loaded everywhere", () => {
  const report = (loaded: boolean) => ({
    name: "k",
    critical: false,
    loaded,
    features: [{ feature: "CUSTOM:k", on: "shard" as const, loaded, ...(!loaded && { reason: "no such kernel" }), depends: [] }],
    options: [],
  });
  expect(combineReports([report(true)], [[report(true)], []])).toEqual([report(true)]);
  expect(combineReports([report(true)], [[report(true)], [report(false)]])).toMatchObject([
    {
      loaded: false,
      reason: "none of its features is loaded",
      features: [{ loaded: false, reason: "on shard 1: no such kernel" }],
    },
  ]);
});
