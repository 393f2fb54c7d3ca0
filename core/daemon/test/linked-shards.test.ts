import type { ConnectionStoreImpl } from "@cygnet/ike";
import type { PluginGuard } from "@cygnet/runtime";
import { linkTopic, peerDefinition } from "@cygnet/plugin-api";
import { expect, it } from "vitest";
import type { ControlSide } from "../src/control/control-side.js";
import { DaemonController } from "../src/control/daemon-controller.js";
import type { ControllerParts } from "../src/control/daemon-controller.js";
import { LinkedShards } from "../src/control/linked-shards.js";
import type { ShardPort } from "../src/link.js";
import { GONE } from "../src/threads/gone-shard.js";

const TOPIC = linkTopic<undefined, number>("test.number");
const answering = (number: number): ShardPort => ({ ...GONE, ask: () => number });
const linkTo = (...shards: ShardPort[]): LinkedShards => new LinkedShards(shards, {} as ControlSide, {} as PluginGuard);

it("a shard that is gone is left out of the answers of all, and told where it is asked alone", async () => {
  const links = linkTo(answering(1), GONE, answering(3));
  expect(await links.askAll(TOPIC, undefined)).toEqual([1, 3]);
  await expect(links.ask(1, TOPIC, undefined)).rejects.toMatchObject({ code: "CYG_SHARD_GONE" });
});

it("what a shard throws is thrown", async () => {
  const faulty = { ...GONE, ask: () => Promise.reject(new Error("no such counter")) };
  await expect(linkTo(answering(1), faulty).askAll(TOPIC, undefined)).rejects.toThrow("no such counter");
});

it("an initiation goes to the next shard where one is gone, and fails where all are", async () => {
  const initiated: number[] = [];
  const taking = (number: number): ShardPort => ({
    ...GONE,
    initiate: () => {
      initiated.push(number);
      return "done";
    },
  });
  const connections = { list: () => [] } as unknown as ConnectionStoreImpl;
  const controllerOf = (...shards: ShardPort[]): DaemonController =>
    new DaemonController({ shards, connections } as unknown as ControllerParts);
  const controller = controllerOf(taking(0), GONE, taking(2));
  const peer = peerDefinition("net", {});
  for (let i = 0; i < 4; i++) expect(await controller.initiate(peer, undefined)).toBe("done");
  expect(initiated).toEqual([0, 2, 0, 2]);
  expect(await controllerOf(GONE, GONE).initiate(peer, undefined)).toBe("failed");
});
