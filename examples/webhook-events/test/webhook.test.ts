import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ControlCommands, LogGroup } from "@cygnet/plugin-api";
import type { Plugin } from "@cygnet/plugin-api";
import { Pair, testHost } from "@cygnet/plugin-testkit";
import { afterEach, beforeEach, expect, it } from "vitest";
import webhook from "../src/index.js";
import type { SaEvent } from "../src/events.js";

const plugin = webhook as unknown as Plugin;

/** What the web server was told, and what it answers. */
let server: Server;
let url: string;
let events: SaEvent[];
let authorization: (string | undefined)[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let wanted: { readonly count: number; readonly resolve: () => void } | undefined;

beforeEach(async () => {
  events = [];
  authorization = [];
  answer = (_, response) => response.writeHead(204).end();
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      authorization.push(request.headers.authorization);
      answer(request, response);
      if (response.statusCode < 300) events.push(...(JSON.parse(body) as { events: SaEvent[] }).events);
      if (wanted && events.length >= wanted.count) wanted.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`;
});
afterEach(async () => {
  wanted = undefined;
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Resolves when so many events have been taken. */
const taken = (count: number): Promise<void> =>
  new Promise((resolve) => {
    wanted = { count, resolve };
    if (events.length >= count) resolve();
  });
const settings = (more: Record<string, string> = {}): Record<string, string> => ({
  "plugins.webhook.url": url,
  ...Object.fromEntries(Object.entries(more).map(([key, value]) => [`plugins.webhook.${key}`, value])),
});
const statusOf = (pair: Pair): unknown => pair.sun.resolve(ControlCommands).statusLines();

it("posts what happens to a tunnel, in order", async () => {
  const pair = await Pair.load({ sun: { plugins: [plugin], settings: settings({ token: "a token" }) } });
  pair.configure();
  await pair.establish();
  await taken(2);
  pair.moon.terminateIke();
  await pair.run();
  await taken(4);
  expect(events.map(({ event }) => event)).toEqual(["ike-up", "child-up", "child-down", "ike-down"]);
  expect(events[1]).toMatchObject({
    connection: "net",
    ikeSa: 1,
    localId: "sun",
    remoteId: "moon",
    remote: "192.0.2.1:500",
    childSa: { name: "net", id: 1 },
  });
  expect(new Set(authorization)).toEqual(new Set(["Bearer a token"]));
  await pair.unload();
  expect(pair.sun.plugins.leftovers()).toEqual([]);
});

it("posts again what was not taken, each event once, while tunnels come up all the same", async () => {
  let refusals = 3;
  answer = (_, response) => response.writeHead(refusals-- > 0 ? 503 : 200).end();
  const pair = await Pair.load({ sun: { plugins: [plugin], settings: settings({ retry: "0" }) } });
  pair.configure();
  await pair.establish();
  expect(pair.moon.children).toHaveLength(1);
  await taken(2);
  expect(events.map(({ event }) => event)).toEqual(["ike-up", "child-up"]);
  await pair.unload();
  expect(pair.sun.messages(LogGroup.APP)).toEqual(
    expect.arrayContaining(["webhook: posting events failed: HTTP 503", "webhook: events are taken again"]),
  );
});

it("keeps the newest events for a server that does not answer, and says so", async () => {
  answer = () => undefined;
  const pair = await Pair.load({ sun: { plugins: [plugin], settings: settings({ queue: "3", timeout: "1" }) } });
  pair.configure();
  await pair.establish();
  for (let i = 0; i < 2; i++) {
    pair.sun.rekeyIke();
    await pair.run(1000);
  }
  pair.moon.terminateIke();
  await pair.run();
  expect(await statusOf(pair)).toEqual([expect.stringMatching(/^webhook: 0 events sent, 3 queued, \d+ dropped$/)]);
  expect(pair.sun.messages(LogGroup.APP)).toContainEqual(
    expect.stringMatching(/webhook: its queue of 3 events is full, the oldest are dropped$/),
  );
  server.closeAllConnections();
  answer = (_, response) => response.writeHead(200).end();
  await pair.unload();
  // At the end it tries once more.
  expect(events.at(-1)?.event).toBe("ike-down");
});

it("is not loaded without a URL, and names one that is none", async () => {
  const without = await testHost({ plugins: [plugin] });
  expect(without.featureNames()).toEqual([]);
  expect(without.messages(LogGroup.CFG)).toContain("plugin 'webhook' has no charon.plugins.webhook.url");
  await without.unload();
  const wrong = await testHost({ plugins: [plugin], settings: { "plugins.webhook.url": "ftp://example.org" } });
  expect(wrong.messages(LogGroup.LIB)).toContain(
    "registering CUSTOM:webhook of plugin 'webhook' failed: option 'url': 'ftp://example.org' is no URL of the web",
  );
  await wrong.unload();
});
