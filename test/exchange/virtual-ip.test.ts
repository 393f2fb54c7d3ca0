import { Host } from "@cygnet/plugin-api";
import type { Attribute, KernelNet, MaybePromise, PeerDefinition } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { expectEmpty, expectUp } from "./expectations.js";

const DNS: Attribute = { type: ConfigAttributeType.INTERNAL_IP4_DNS, value: Uint8Array.of(10, 2, 0, 53) };

/** A road warrior at moon, asking `virtualIps` of sun, whose pool has these addresses. */
function roadWarrior(
  virtualIps: readonly string[],
  pool: string,
  more: Partial<PeerDefinition> = {},
  options: ConstructorParameters<typeof Pair>[0] = {},
): Pair {
  const pair = new Pair(options);
  pair.sun.attributes.addPool({ name: "pool", addresses: pool, attributes: [DNS] });
  pair.configure(
    { virtualIps, children: [usualChild("moon", "net", { localTs: ["dynamic"] })] },
    { pools: ["pool"], children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })], ...more },
  );
  return pair;
}

describe("virtual IPs", () => {
  it("come from the pool, with DNS servers that a handler takes and gives back at the end", async () => {
    const pair = roadWarrior(["0.0.0.0"], "10.3.0.0/24");
    const handled: string[] = [];
    pair.moon.attributes.addHandler({
      requests: [ConfigAttributeType.INTERNAL_IP4_DNS],
      handle: (_context, { value }) => (handled.push(`+${value.join(".")}`), true),
      release: (_context, { value }) => void handled.push(`-${value.join(".")}`),
    });
    pair.moon.shard.setRequestedAttributes(pair.moon.attributes.requests());
    await pair.establish();
    expectUp(pair);
    expect(pair.moon.lines()).toContain(
      "generating IKE_AUTH request 1 [ IDi N(INIT_CONTACT) IDr AUTH CPRQ(ADDR DNS) SA TSi TSr N(MULT_AUTH) ]",
    );
    expect(pair.moon.lines()).toContain("parsed IKE_AUTH response 1 [ IDr AUTH CPRP(ADDR DNS) SA TSi TSr ]");
    expect(pair.moon.lines()).toContain("installing new virtual IP 10.3.0.1");
    for (const line of ["peer requested virtual IP %any", "assigning virtual IP 10.3.0.1 to peer 'moon'"])
      expect(pair.sun.lines()).toContain(line);
    expect(pair.moon.children[0]!.selectors()).toBe("10.3.0.1/32 === 10.2.0.0/16");
    expect(handled).toEqual(["+10.2.0.53"]);
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: 1, offline: 0 }]);
    // The lease and what was handled survive rekeying by either side, under a new IKE_SA.
    pair.sun.rekeyIke();
    await pair.run();
    pair.moon.rekeyIke();
    await pair.run();
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: 1, offline: 0 }]);
    pair.moon.terminateIke();
    await pair.run();
    for (const end of pair.ends) expectEmpty(end);
    expect(handled).toEqual(["+10.2.0.53", "-10.2.0.53"]);
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: 0, offline: 1 }]);
  });

  it("are told to listeners when they come and when they go", async () => {
    const pair = roadWarrior(["0.0.0.0"], "10.3.0.0/24");
    const events: string[] = [];
    pair.moon.bus.addListener({
      name: "moon",
      handleVirtualIps: (sa, handle) => void events.push(`moon ${handle} ${sa.localVirtualIps.join()}`),
    });
    pair.sun.bus.addListener({
      name: "sun",
      assignVirtualIps: (sa, assign) => void events.push(`sun ${assign} ${sa.remoteVirtualIps.join()}`),
    });
    await pair.establish();
    pair.moon.terminateIke();
    await pair.run();
    expect(events).toEqual(["sun true 10.3.0.1", "moon true 10.3.0.1", "sun false 10.3.0.1", "moon false 10.3.0.1"]);
  });

  it("of a definite address are given if they are free", async () => {
    const pair = roadWarrior(["10.3.0.77"], "10.3.0.0/24");
    await pair.establish();
    expect(pair.moon.ikeSas[0]!.localVirtualIps.map(String)).toEqual(["10.3.0.77"]);
  });

  it("of IPv6 come with a prefix", async () => {
    const pair = roadWarrior(["::"], "fd00::/120");
    const inside = { localTs: ["dynamic"], remoteTs: ["fd01::/64"] };
    const ours = pair.moon.shard.context.configs.peerByName("net")!.definition;
    pair.moon.connection({ ...ours, children: [usualChild("moon", "net", inside)] });
    const theirs = pair.sun.shard.context.configs.peerByName("net")!.definition;
    pair.sun.connection({ ...theirs, children: [usualChild("sun", "net", { localTs: ["fd01::/64"], remoteTs: ["dynamic"] })] });
    await pair.establish();
    expectUp(pair);
    expect(pair.moon.ikeSas[0]!.localVirtualIps.map(String)).toEqual(["fd00::1"]);
  });

  it("that the pool has not give INTERNAL_ADDRESS_FAILURE and an IKE_SA without CHILD_SA", async () => {
    const pair = roadWarrior(["0.0.0.0"], "10.3.0.1-10.3.0.1");
    const other = { connection: "net", ikeSaId: 99, identity: "venus", remote: "198.51.100.1", pools: ["pool"] };
    void pair.sun.attributes.acquireAddress(other, Host.any(4));
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("failed");
    for (const line of [
      "no virtual IP found for %any requested by 'moon'",
      "no virtual IP found, sending INTERNAL_ADDRESS_FAILURE",
      "configuration payload negotiation failed, no CHILD_SA built",
      "failed to establish CHILD_SA, keeping IKE_SA",
    ]) {
      expect(pair.sun.lines()).toContain(line);
    }
    expect(pair.moon.lines()).toContain("received INTERNAL_ADDRESS_FAILURE notify, no CHILD_SA built");
    expectUp(pair, 0);
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: 1 }]);
  });

  it("go back to the pool with an IKE_SA that fails behind them", async () => {
    const pair = roadWarrior(["0.0.0.0"], "10.3.0.0/24");
    await pair.establish();
    pair.sun.manager.destroy(pair.sun.ikeSas[0]!);
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: 0, offline: 1 }]);
  });
});

describe("virtual IPs on interfaces", () => {
  /** A network that writes down which addresses come and go; `answer` is what it answers with. */
  function network(answer: () => MaybePromise<void> = () => undefined) {
    const changes: string[] = [];
    const net: Partial<KernelNet> = {
      sourceAddress: () => Host.of("192.0.2.1"),
      interfaceOf: (address) => (address.toString() === "192.0.2.1" ? "eth0" : undefined),
      addVirtualIp: (address, prefix, name) => (changes.push(`+${address}/${prefix} ${name}`), answer()),
      deleteVirtualIp: (address, prefix) => (changes.push(`-${address}/${prefix}`), answer()),
    };
    return { changes, net: net as KernelNet };
  }

  async function withNetwork(
    settings: Readonly<Record<string, string>>,
    answer?: () => MaybePromise<void>,
    carriesTraffic = true,
  ) {
    const { changes, net } = network(answer);
    const pair = roadWarrior(["0.0.0.0"], "10.3.0.0/24", {}, { moon: { settings, net } });
    pair.moon.kernel.carriesTraffic = carriesTraffic;
    await pair.establish();
    expectUp(pair);
    pair.sun.rekeyIke();
    await pair.run();
    pair.moon.terminateIke();
    await pair.run();
    for (const end of pair.ends) expectEmpty(end);
    return { changes, pair };
  }

  it("are put there once, where IKE is sent from, and taken away with the IKE_SA", async () => {
    expect((await withNetwork({})).changes).toEqual(["+10.3.0.1/32 eth0", "-10.3.0.1/32"]);
  });

  it("are waited for where the system takes its time", async () => {
    const { changes } = await withNetwork({}, () => Promise.resolve());
    expect(changes).toEqual(["+10.3.0.1/32 eth0", "-10.3.0.1/32"]);
  });

  it("are put onto the interface that is configured", async () => {
    const { changes } = await withNetwork({ install_virtual_ip_on: "lo" });
    expect(changes).toEqual(["+10.3.0.1/32 lo", "-10.3.0.1/32"]);
  });

  it("are not put anywhere where that is not wanted, or of no use", async () => {
    expect((await withNetwork({ install_virtual_ip: "no" })).changes).toEqual([]);
    expect((await withNetwork({}, undefined, false)).changes).toEqual([]);
  });

  it("are gone on without where the system refuses them", async () => {
    const { pair } = await withNetwork({}, () => {
      throw new Error("no room");
    });
    expect(pair.moon.lines()).toContain("installing virtual IP 10.3.0.1 was refused: no room");
    expect(pair.moon.lines()).toContain("removing virtual IP 10.3.0.1 was refused: no room");
  });
});

it("virtual IPs of both families have policies of either family, and none from one to the other", async () => {
  const pair = new Pair();
  for (const [name, addresses] of [
    ["four", "10.3.0.0/24"],
    ["six", "fd03::/120"],
  ] as const)
    pair.sun.attributes.addPool({ name, addresses, attributes: [] });
  const networks = ["10.1.0.0/16", "fd01::/16"];
  pair.configure(
    { virtualIps: ["0.0.0.0", "::"], children: [usualChild("moon", "net", { localTs: ["dynamic"], remoteTs: networks })] },
    { pools: ["four", "six"], children: [usualChild("sun", "net", { localTs: networks, remoteTs: ["dynamic"] })] },
  );
  await pair.establish();
  expect(pair.ends.map(({ children }) => children.length)).toEqual([1, 1]);
  for (const end of pair.ends) {
    const names = [...end.kernel.policies.keys()];
    expect(names).toHaveLength(6);
    for (const name of names) expect(name.includes("fd01::")).toBe(name.includes("fd03::"));
  }
});

describe("virtual IPs of an IKE_SA that is authenticated anew", () => {
  it.each(["yes", "no"])("are the same ones, with make_before_break = %s", async (makeBeforeBreak) => {
    const pair = new Pair({ moon: { settings: { make_before_break: makeBeforeBreak } } });
    pair.sun.attributes.addPool({ name: "pool", addresses: "10.3.0.0/24", attributes: [] });
    pair.configure({ virtualIps: ["0.0.0.0"], reauthTime: 1000, overTime: 100 }, { pools: ["pool"] });
    await pair.establish();
    await pair.run(3_100_000, 400);
    expect(pair.moon.ikeSas[0]!.uniqueId).toBe(4);
    expect(pair.moon.ikeSas[0]!.localVirtualIps.map(String)).toEqual(["10.3.0.1"]);
    expect([...pair.sun.attributes.leases("pool")]).toMatchObject([{ address: "10.3.0.1", online: true }]);
    expect(pair.sun.lines()).toContain("peer requested virtual IP 10.3.0.1");
    const how = `reassigning ${makeBeforeBreak === "yes" ? "online" : "offline"} lease to 'moon'`;
    expect(pair.sun.lines().filter((line) => line === how)).toHaveLength(3);
    pair.moon.terminateIke();
    await pair.run();
    expect([...pair.sun.attributes.leases("pool")]).toMatchObject([{ address: "10.3.0.1", online: false }]);
  });
});
