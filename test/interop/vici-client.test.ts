import { join } from "node:path";
import { ViciClient } from "@cygnet/vici";
import { expect, it, onTestFinished } from "vitest";
import { Pair } from "./harness/pair.js";
import { STRONGSWAN_PEER, requireAll } from "./harness/requirements.js";

requireAll(STRONGSWAN_PEER);

async function clientOf(folder: string): Promise<ViciClient> {
  const client = await ViciClient.connect(`unix://${join(folder, "charon.vici")}`);
  onTestFinished(() => client.close());
  return client;
}

it("drives strongSwan", async () => {
  const pair = await Pair.start({ moon: "strongswan", sun: "strongswan" });
  const [client, watcher] = [await clientOf(pair.moon.folder), await clientOf(pair.moon.folder)];
  const version = await client.request("version");
  expect([version.text("daemon"), version.text("sysname")]).toEqual(["charon", "Linux"]);
  expect((await client.request("stats")).list("plugins")).toContain("vici");
  const conns: string[] = [];
  for await (const conn of client.stream("list-conns", "list-conn")) conns.push(...conn.names);
  expect(conns).toEqual(["net"]);

  const updown = await watcher.events("ike-updown", "child-updown");
  const lines: string[] = [];
  for await (const line of client.stream("initiate", "control-log", { child: "net", timeout: 10_000 }))
    lines.push(line.text("msg")!);
  expect(lines).toContainEqual(expect.stringMatching(/^CHILD_SA net\{\d+\} established with SPIs/));
  const ups: string[] = [];
  for await (const { name, message } of updown) {
    ups.push(`${name} ${message.flag("up") ? "up" : "down"}`);
    if (ups.length === 2) break;
  }
  expect(ups).toEqual(["ike-updown up", "child-updown up"]);

  const states: (string | undefined)[] = [];
  for await (const sa of client.stream("list-sas", "list-sa")) states.push(sa.section("net")?.text("state"));
  expect(states).toEqual(["ESTABLISHED"]);
  expect((await client.request("terminate", { ike: "net" })).number("terminated")).toBe(1);
  await expect(client.request("terminate", { ike: "net" })).rejects.toThrow("no matching SAs to terminate found");
});
