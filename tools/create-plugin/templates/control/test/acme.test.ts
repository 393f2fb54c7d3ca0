import { once } from "node:events";
import { connect } from "node:net";
import { StreamServices } from "@cygnet/plugin-api";
import { Pair, testHost } from "@cygnet/plugin-testkit";
import type { End } from "@cygnet/plugin-testkit";
import { expect, it } from "vitest";
import plugin from "../src/index.js";

/** Sends a line and returns the answer. */
async function ask(daemon: End, line: string): Promise<unknown> {
  const client = connect(`${daemon.resolve(StreamServices).pidDir}/charon.acme`).setEncoding("utf8");
  client.write(`${line}\n`);
  const [text] = (await once(client, "data")) as [string];
  client.end();
  return JSON.parse(text);
}

it("loads, and leaves nothing behind", async () => {
  const host = await testHost({ plugins: [plugin] });
  expect(host.featureNames()).toEqual(["CUSTOM:acme"]);
  await host.unload();
  expect(host.leftovers()).toEqual([]);
});

it("counts, lists and ends IKE_SAs", async () => {
  const pair = await Pair.load({ sun: { plugins: [plugin] } });
  pair.configure();
  await pair.establish();
  expect(await ask(pair.sun, "count")).toEqual({ up: 1, connecting: 0 });
  expect(await ask(pair.sun, "list")).toEqual({ ikeSas: [{ uniqueId: 1, name: "net", remoteId: "moon", remote: "192.0.2.1" }] });
  expect(await ask(pair.sun, "terminate 1")).toEqual({ result: "done" });
  await pair.run();
  expect(await ask(pair.sun, "count")).toEqual({ up: 0, connecting: 0 });
  await pair.unload();
});

it("says what it can where it is asked for something else", async () => {
  const host = await testHost({ plugins: [plugin] });
  expect(await ask(host.daemon, "terminate all")).toEqual({ error: "terminate takes the number of an IKE_SA" });
  expect(await ask(host.daemon, "\u0000\u0007")).toEqual({ error: "commands are count, list and terminate NUMBER" });
  await host.unload();
});
