import { describe, expect, it } from "vitest";
import { Host } from "@cygnet/plugin-api";
import type { Attribute, AttributeContext, Logger, PoolDefinition } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";
import { AttributeManagerImpl, LeaseFilter, ShardLeases } from "../../src/attributes/index.js";

const ANY = Host.any(4);
const dns: Attribute = { type: ConfigAttributeType.INTERNAL_IP4_DNS, value: Uint8Array.of(10, 0, 0, 53) };
const context = (identity: string, ...pools: string[]): AttributeContext => ({
  connection: "rw",
  ikeSaId: 1,
  identity,
  remote: "10.9.0.1",
  pools,
});
const pool = (name: string, addresses?: string, attributes: Attribute[] = []): PoolDefinition => ({
  name,
  addresses,
  attributes,
});

function setup(...pools: PoolDefinition[]) {
  const lines: string[] = [];
  const log: Logger = { enabled: () => true, log: (_group, _level, message) => void lines.push(message) };
  const manager = new AttributeManagerImpl(log);
  for (const each of pools) manager.addPool(each);
  return { lines, manager };
}

describe("serving addresses", () => {
  it("takes the leases offline that are lost with their IKE_SAs, and no others", () => {
    const { lines, manager } = setup(pool("a", "10.3.0.0/24"));
    const of = (ikeSaId: number) => ({ ...context(`peer${ikeSaId}`, "a"), ikeSaId });
    for (const id of [1, 2, 3, 4, 5]) manager.acquireAddress(of(id), ANY);
    manager.releaseAddress(of(3), Host.of("10.3.0.3"));
    manager.shardLost(0, (ikeSaId) => ikeSaId % 2 === 1);
    expect([...manager.leases("a")].map(({ online }) => online)).toEqual([false, true, false, true, false]);
    expect(lines.at(-1)).toBe("2 leases of pool 'a' went offline with their IKE_SAs");
    // They are there for their identities again, and belong to who has them now.
    expect(String(manager.acquireAddress({ ...of(1), ikeSaId: 6 }, ANY))).toBe("10.3.0.1");
    manager.shardLost(0, (ikeSaId) => ikeSaId === 1);
    expect(manager.pools()).toMatchObject([{ online: 3, offline: 2 }]);
  });

  it("assigns from the connection's pools in order, in strongSwan's words", () => {
    const { lines, manager } = setup(pool("a", "10.3.0.1"), pool("b", "10.4.0.1"), pool("unused", "10.5.0.0/24"));
    const [carol, dave, eve] = [context("carol", "a", "b"), context("dave", "a", "b"), context("eve", "a", "b")];
    expect(String(manager.acquireAddress(carol, ANY))).toBe("10.3.0.1");
    expect(String(manager.acquireAddress(dave, ANY))).toBe("10.4.0.1");
    expect(manager.acquireAddress(eve, ANY)).toBeUndefined();
    expect(manager.releaseAddress(dave, Host.of("10.4.0.1"))).toBe(true);
    expect(String(manager.acquireAddress(dave, ANY))).toBe("10.4.0.1");
    expect(manager.releaseAddress(dave, Host.of("10.4.0.1"))).toBe(true);
    expect(String(manager.acquireAddress(eve, ANY))).toBe("10.4.0.1");
    expect(manager.releaseAddress(eve, Host.of("10.9.9.9"))).toBe(false);
    expect(lines).toEqual([
      "assigning new lease to 'carol'",
      "assigning new lease to 'dave'",
      "pool 'a' is full, unable to assign address",
      "pool 'b' is full, unable to assign address",
      "lease 10.4.0.1 by 'dave' went offline",
      "reassigning offline lease to 'dave'",
      "lease 10.4.0.1 by 'dave' went offline",
      "pool 'a' is full, unable to assign address",
      "reassigning existing offline lease by 'dave' to 'eve'",
    ]);
  });

  it("gives an offline lease back before it takes a fresh address of an earlier pool", () => {
    const { manager } = setup(pool("a", "10.3.0.0/24"), pool("b", "10.4.0.0/24"));
    manager.acquireAddress(context("carol", "b"), ANY);
    manager.releaseAddress(context("carol", "b"), Host.of("10.4.0.1"));
    expect(String(manager.acquireAddress(context("carol", "a", "b"), ANY))).toBe("10.4.0.1");
  });

  it("serves each family from its pool", () => {
    const { manager } = setup(pool("v4", "10.3.0.0/24"), pool("v6", "fec0::/120"));
    const carol = context("carol", "v4", "v6");
    expect([String(manager.acquireAddress(carol, Host.any(6))), String(manager.acquireAddress(carol, ANY))]).toEqual([
      "fec0::1",
      "10.3.0.1",
    ]);
  });

  it("asks providers after its own pools, synchronously as long as they answer so", async () => {
    const { manager } = setup();
    const asked: string[] = [];
    const provider = (name: string, answer: string | undefined) => ({
      acquire: () => {
        asked.push(name);
        return answer === undefined ? undefined : Host.of(answer);
      },
      release: (_: AttributeContext, address: Host) => address.toString() === answer,
    });
    manager.addProvider({});
    manager.addProvider(provider("none", undefined));
    const undo = manager.addProvider(provider("first", "10.7.0.1"));
    manager.addProvider(provider("second", "10.7.0.2"));
    expect(String(manager.acquireAddress(context("x"), ANY))).toBe("10.7.0.1");
    expect(asked).toEqual(["none", "first"]);
    expect(manager.releaseAddress(context("x"), Host.of("10.7.0.2"))).toBe(true);
    undo();
    undo();
    expect(String(manager.acquireAddress(context("x"), ANY))).toBe("10.7.0.2");
    expect(manager.releaseAddress(context("x"), Host.of("10.7.0.1"))).toBe(false);
    await Promise.resolve();
  });

  it("waits for providers that answer later, and goes on after them", async () => {
    const { manager } = setup();
    manager.addProvider({ acquire: () => Promise.resolve(undefined), release: () => Promise.resolve(false) });
    manager.addProvider({ acquire: () => Host.of("10.7.0.2"), release: () => true });
    const pending = manager.acquireAddress(context("x"), ANY);
    expect(pending).toBeInstanceOf(Promise);
    expect(String(await pending)).toBe("10.7.0.2");
    expect(await manager.releaseAddress(context("x"), Host.of("10.7.0.2"))).toBe(true);
  });
});

describe("serving attributes", () => {
  it("goes on without a provider whose answer is no list, and names it", async () => {
    const { lines, manager } = setup(pool("a", undefined, [dns]));
    const nothing = undefined as unknown as readonly Attribute[];
    manager.addProvider({ name: "acme", attributes: () => Promise.resolve(nothing) });
    manager.addProvider({ name: "other", attributes: () => "10.0.0.1" as unknown as readonly Attribute[] });
    expect(await manager.attributes(context("x", "a"), [])).toEqual([dns]);
    expect(lines.filter((line) => line.includes("failed"))).toEqual(
      ["acme", "other"].map((name) => `attribute provider '${name}' failed on attributes: the answer is no list`),
    );
  });

  it("gives those of the connection's pools, then those of providers", async () => {
    const { manager } = setup(pool("a", "10.3.0.0/24", [dns]), pool("other", undefined, [{ type: 7, value: new Uint8Array(1) }]));
    manager.addProvider({ attributes: (_, vips) => vips.map((vip) => ({ type: 1, value: vip.address })) });
    expect(manager.attributes(context("x", "a"), [Host.of("10.3.0.1")])).toEqual([
      dns,
      { type: 1, value: Uint8Array.of(10, 3, 0, 1) },
    ]);
    manager.addProvider({ attributes: () => Promise.resolve([{ type: 3, value: new Uint8Array(4) }]) });
    manager.addProvider({ attributes: () => [{ type: 4, value: new Uint8Array(4) }] });
    expect((await manager.attributes(context("x", "a"), [])).map(({ type }) => type)).toEqual([3, 3, 4]);
  });
});

describe("serving attributes that are known in advance", () => {
  const number = (type: number): Attribute => ({ type, value: Uint8Array.of(type) });
  const types = (manager: AttributeManagerImpl, connection: string, virtualIps: readonly Host[] = []) =>
    (manager.attributes({ ...context("x"), connection }, virtualIps) as readonly Attribute[]).map(({ type }) => type);

  it("gives those for all, then those of the connection, each in the order of their sources, then those of providers", () => {
    const { manager } = setup();
    manager.addProvider({ attributes: () => [number(9)] });
    manager.setAttributes("c", { connection: "rw", attributes: [number(4)] });
    manager.setAttributes("a", { attributes: [number(1), number(2)] });
    manager.setAttributes("b", { withVirtualIp: true, attributes: [number(3)] });
    expect(types(manager, "rw")).toEqual([1, 2, 4, 9]);
    expect(types(manager, "rw", [Host.of("10.3.0.1")])).toEqual([1, 2, 3, 4, 9]);
    expect(types(manager, "other")).toEqual([1, 2, 9]);
  });

  it("replaces and removes what a source had", () => {
    const { manager } = setup();
    manager.setAttributes("a", { attributes: [number(1)] });
    manager.setAttributes("b", { attributes: [number(2)] });
    manager.setAttributes("a", { attributes: [number(3)] });
    expect(types(manager, "rw")).toEqual([3, 2]);
    manager.setAttributes("a", { connection: "rw", attributes: [number(3)] });
    expect([types(manager, "rw"), types(manager, "other")]).toEqual([[2, 3], [2]]);
    manager.setAttributes("a", undefined);
    manager.setAttributes("b", undefined);
    manager.setAttributes("b", undefined);
    expect(types(manager, "rw")).toEqual([]);
  });
});

describe("using attributes that a peer served", () => {
  it("lets the handler that took one release it, once", async () => {
    const { lines, manager } = setup();
    const calls: string[] = [];
    const handler = (name: string, takes: boolean, later = false) => ({
      requests: [dns.type, name === "b" ? 25 : dns.type],
      handle: () => (later ? Promise.resolve(takes) : takes),
      release: (_: AttributeContext, attribute: Attribute) => void calls.push(`${name} releases ${attribute.type}`),
    });
    manager.addHandler(handler("a", false));
    const undo = manager.addHandler(handler("b", true));
    expect(manager.requests()).toEqual([3, 25]);
    expect(manager.handle(context("x"), dns)).toBe(true);
    undo();
    await manager.release({ ...context("x"), ikeSaId: 2 }, dns);
    await manager.release(context("x"), dns);
    await manager.release(context("x"), dns);
    expect(calls).toEqual(["b releases 3"]);
    expect(manager.handle(context("x"), dns)).toBe(false);
    expect(lines).toEqual(["handling INTERNAL_IP4_DNS attribute failed"]);
    manager.addHandler(handler("c", true, true));
    expect(await manager.handle(context("x"), dns)).toBe(true);
    await manager.release(context("x"), dns);
    expect(calls).toEqual(["b releases 3", "c releases 3"]);
  });
});

describe("keeping pools", () => {
  it("shares equal ones and counts who added them", () => {
    const { manager } = setup(pool("a", "10.3.0.0/24", [dns]), pool("a", "10.3.0.0/24", [dns]));
    expect(manager.pools()).toEqual([{ name: "a", base: "10.3.0.1", size: 254, online: 0, offline: 0 }]);
    expect(manager.removePool("a")).toBe(true);
    expect(manager.pools()).toHaveLength(1);
    expect(manager.removePool("a")).toBe(true);
    expect(manager.removePool("a")).toBe(false);
  });

  it("refuses another pool of the same name", () => {
    const { manager } = setup(pool("a", "10.3.0.0/24"));
    expect(() => manager.addPool(pool("a", "10.4.0.0/24"))).toThrowError("there is another pool 'a'");
    expect(() => manager.addPool(pool("a", "10.3.0.0/24", [dns]))).toThrowError("there is another pool 'a'");
  });

  it("keeps a pool with leases online", () => {
    const { manager } = setup(pool("a", "10.3.0.0/24"));
    manager.acquireAddress(context("x", "a"), ANY);
    expect(manager.removePool("a")).toBe(false);
    expect([...manager.leases("a")]).toHaveLength(1);
    manager.releaseAddress(context("x", "a"), Host.of("10.3.0.1"));
    expect(manager.removePool("a")).toBe(true);
    expect([...manager.leases("a")]).toEqual([]);
  });

  it("says when a pool is cut", () => {
    expect(setup(pool("big", "fec0::/64")).lines).toEqual(["virtual IP pool too large, limiting to fec0::/97"]);
  });
});

describe("the attributes of a pool", () => {
  it("change with its leases in place, on each shard as well", () => {
    const log: Logger = { enabled: () => false, log: () => undefined };
    const manager = new AttributeManagerImpl(log);
    const shard = new ShardLeases({
      shard: 0,
      filter: new LeaseFilter(LeaseFilter.memory(1), 1),
      log,
      control: {} as never,
      defer: () => undefined,
    });
    manager.useShards(
      { tell: (_shard, change) => shard.apply(structuredClone(change)), recall: () => [] },
      new LeaseFilter(LeaseFilter.memory(1), 1),
    );
    const attribute = (octet: number): Attribute => ({ type: 3, value: Uint8Array.of(10, 0, 0, octet) });
    manager.addPool({ name: "pool", addresses: "10.3.0.0/24", attributes: [attribute(1)] });
    const carol = context("carol", "pool");
    expect(shard.attributes(carol, [])).toEqual([attribute(1)]);
    manager.acquireAddress(carol, ANY);
    expect(manager.setPoolAttributes("pool", [attribute(2)])).toBe(true);
    expect([shard.attributes(carol, []), manager.attributes(carol, [])]).toEqual([[attribute(2)], [attribute(2)]]);
    expect(manager.pools()[0]?.online).toBe(1);
    expect(manager.setPoolAttributes("other", [])).toBe(false);
  });
});
