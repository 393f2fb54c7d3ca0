import { describe, expect, it } from "vitest";
import { Host, childDefinition, peerDefinition } from "@cygnet/plugin-api";
import type { DefinitionError } from "@cygnet/plugin-api";
import { ConfigSet, ConnectionStoreImpl } from "../../src/config/index.js";
import type { ConfigChange } from "../../src/config/index.js";
import { env } from "./environment.js";

function setup() {
  const changes: ConfigChange[] = [];
  const shard = new ConfigSet(env);
  const store = new ConnectionStoreImpl(env, async (change) => {
    const crossed = structuredClone(change);
    expect(crossed).toEqual(change);
    changes.push(crossed);
    await Promise.resolve();
    shard.apply(crossed);
  });
  return { changes, shard, store };
}

describe("ConnectionStoreImpl", () => {
  it("has every change on the shards before it resolves, as plain data", async () => {
    const { shard, store, changes } = setup();
    await store.add("vici", peerDefinition("a", { children: [childDefinition("net", {})] }));
    expect(shard.peerByName("a")!.child("net")).toBeDefined();
    await store.add("vici", peerDefinition("a", { rekeyTime: 7 }));
    expect([shard.size, shard.peerByName("a")!.rekeyTime]).toEqual([1, 7]);
    expect(await store.remove("vici", "a")).toBe(true);
    expect(await store.remove("vici", "a")).toBe(false);
    expect(shard.size).toBe(0);
    expect(changes.map(({ op }) => op)).toEqual(["add", "add", "remove"]);
  });

  it("changes nothing for a definition that is refused", async () => {
    const { store, changes } = setup();
    await store.add("vici", peerDefinition("a", { rekeyTime: 1 }));
    await expect(store.add("vici", peerDefinition("a", { proposals: ["x"] }))).rejects.toThrow(
      "skipped invalid proposal string: x",
    );
    expect(store.list().map(({ rekeyTime }) => rekeyTime)).toEqual([1]);
    expect(changes).toHaveLength(1);
  });

  it("refuses what could not cross to a shard", async () => {
    const { store } = setup();
    const hostile = { ...peerDefinition("a", {}), extra: () => 1 };
    await expect(store.add("vici", hostile)).rejects.toMatchObject({
      code: "CYG_CONFIG_DATA",
    } satisfies Partial<DefinitionError>);
  });

  it("keeps its own copy of a definition", async () => {
    const { store } = setup();
    const pools = ["p"];
    await store.add("vici", peerDefinition("a", { pools }));
    pools.push("q");
    expect(store.list()[0]!.pools).toEqual(["p"]);
  });

  it("does not count a connection that the shards did not take", async () => {
    let fails = true;
    const store = new ConnectionStoreImpl(env, () => (fails ? Promise.reject(new Error("link down")) : Promise.resolve()));
    await expect(store.add("vici", peerDefinition("a", {}))).rejects.toThrow("link down");
    expect(store.list()).toEqual([]);
    fails = false;
    await store.add("vici", peerDefinition("a", {}));
    expect(store.list()).toHaveLength(1);
  });

  it("makes concurrent changes in the order of the calls", async () => {
    const { store, shard } = setup();
    const removed: Promise<boolean>[] = [];
    const added = store.add("vici", peerDefinition("a", {}));
    removed.push(store.remove("vici", "a"), store.remove("vici", "a"));
    const again = store.add("vici", peerDefinition("a", { rekeyTime: 3 }));
    await Promise.all([added, again]);
    expect(await Promise.all(removed)).toEqual([true, false]);
    expect(shard.peerByName("a")!.rekeyTime).toBe(3);
  });

  it("keeps connections of different backends apart and finds children", async () => {
    const { store } = setup();
    await store.add("stroke", peerDefinition("a", {}));
    await store.add("vici", peerDefinition("a", { children: [childDefinition("net", {})] }));
    expect(store.list()).toHaveLength(2);
    expect(store.find("a")!.child).toBeUndefined();
    expect(store.find("net")!.child!.name).toBe("net");
    expect(store.find("nothing")).toBeUndefined();
  });

  it("brings a new shard to the same state", async () => {
    const { store } = setup();
    await store.add("vici", peerDefinition("a", { remoteAddresses: ["sun.example.org"] }));
    await store.add("vici", peerDefinition("b", {}));
    await store.resolved("sun.example.org", [Host.of("10.9.0.2")]);
    const late = new ConfigSet(env);
    for (const change of structuredClone(store.snapshot())) late.apply(change);
    expect([...late.peers()].map(({ name }) => name)).toEqual(["a", "b"]);
    expect(late.peerByName("a")!.ike.remoteHost()!.toString()).toBe("10.9.0.2");
  });

  it("lets no change come between what a new shard is told", async () => {
    const { store } = setup();
    for (const name of ["a", "b", "c"]) await store.add("vici", peerDefinition(name, {}));
    const late: string[] = [];
    const told = store.initialize(async (change) => {
      await Promise.resolve();
      late.push(change.op === "add" ? change.peer.name : change.op);
    });
    const removed = store.remove("vici", "b").then(() => late.push("removed"));
    await Promise.all([told, removed]);
    expect(late).toEqual(["a", "b", "c", "removed"]);
  });
});
