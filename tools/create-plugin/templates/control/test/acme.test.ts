import { ControlCommands } from "@cygnet/plugin-api";
import { Pair, testHost } from "@cygnet/plugin-testkit";
import { expect, it } from "vitest";
import plugin from "../src/index.js";

it("loads, and leaves nothing behind", async () => {
  const host = await testHost({ plugins: [plugin] });
  expect(host.featureNames()).toEqual(["CUSTOM:acme"]);
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});

it("tells who is connected", async () => {
  const pair = await Pair.load({ sun: { plugins: [plugin], settings: { "plugins.acme.unit": "tunnels" } } });
  pair.configure();
  await pair.establish();
  const commands = pair.sun.resolve(ControlCommands);
  const command = commands.find("acme-peers")!;
  expect(await command.run({})).toEqual({ peers: { moon: "192.0.2.1" } });
  expect(await command.run({ name: "net" })).toEqual({ peers: { moon: "192.0.2.1" } });
  expect(await command.run({ name: "other" })).toEqual({ peers: {} });
  await expect(command.run({ name: ["net", "other"] })).rejects.toThrow("name is the name of one connection");
  expect(await commands.statusLines()).toEqual(["acme: 1 tunnels"]);
  await pair.unload();
});
