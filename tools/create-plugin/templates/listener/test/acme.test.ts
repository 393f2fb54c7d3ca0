import { Pair, testHost } from "@cygnet/plugin-testkit";
import { expect, it } from "vitest";
import plugin from "../src/index.js";

it("loads, and leaves nothing behind", async () => {
  const host = await testHost({ plugins: [plugin] });
  expect(host.featureNames()).toEqual(["CUSTOM:acme"]);
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});

it("greets who comes", async () => {
  const pair = await Pair.load({ sun: { plugins: [plugin], settings: { "plugins.acme.greeting": "good morning" } } });
  pair.configure();
  const operation = pair.moon.initiate("net");
  await pair.run();
  expect(operation.result()).toBe("done");
  expect(pair.sun.lines()).toContain("good morning, moon is here");
  await pair.unload();
});

it("refuses whom it shall refuse", async () => {
  const pair = await Pair.load({ sun: { plugins: [plugin], settings: { "plugins.acme.refuse": "mars moon" } } });
  pair.configure();
  const operation = pair.moon.initiate("net");
  await pair.run();
  expect(operation.result()).toBe("failed");
  expect(pair.sun.lines()).toContain("moon is not let in");
  expect(pair.sun.ikeSas).toEqual([]);
  await pair.unload();
});
