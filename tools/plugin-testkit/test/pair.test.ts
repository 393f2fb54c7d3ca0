import { Bus, IkeSaState, LogGroup, PLUGIN_API, custom, definePlugin } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
import { expect, it } from "vitest";
import { Pair } from "../src/index.js";

/** Refuses peers with this identity. */
const bouncer = (unwanted: string): Plugin =>
  definePlugin({
    name: "bouncer",
    api: PLUGIN_API,
    features: () => [
      {
        provides: custom("bouncer"),
        register: ({ resolve }) =>
          resolve(Bus).addListener({ name: "bouncer", authorize: ({ remoteId }) => String(remoteId) !== unwanted }),
      },
    ],
  });

it.each([
  ["moon", "failed"],
  ["mars", "done"],
])("two daemons, one of which refuses %s, set up an IKE_SA: %s", async (unwanted, outcome) => {
  const pair = await Pair.load({ moon: { plugins: [] }, sun: { plugins: [bouncer(unwanted)] } });
  pair.configure();
  const operation = pair.moon.initiate("net");
  await pair.run();
  expect(operation.result()).toBe(outcome);
  expect(pair.moon.ikeSas.map(({ state }) => state)).toEqual(outcome === "done" ? [IkeSaState.ESTABLISHED] : []);
  await pair.unload();
  expect(pair.sun.plugins.leftovers()).toEqual([]);
  if (outcome === "done")
    expect(pair.sun.messages(LogGroup.IKE)).toContainEqual(expect.stringContaining("deleting IKE_SA net[1]"));
});

it("two daemons agree on a lossy network", async () => {
  const pair = await Pair.load({ moon: { plugins: [] }, sun: { plugins: [] } });
  // Every third datagram is lost.
  pair.network.fate = (_, index) => (index % 3 === 0 ? [] : [1]);
  pair.configure();
  await pair.establish();
  await pair.run(60_000);
  expect(pair.moon.children).toHaveLength(1);
  await pair.unload();
});
