import { Host, authRound } from "@cygnet/plugin-api";
import { ConfigAttributeType } from "@cygnet/wire";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { describe, expect, it } from "vitest";

const SETUPS = 300;
/** What a shard gets of a pool this large at once. */
const GRANT = 256;

/** How often each method was called over the link of a shard, in either direction. */
type Traffic = Record<string, number>;

/** A link over a thread boundary: what crosses is cloned and counted. */
function counted<P extends object>(port: P, traffic: Traffic): P {
  return new Proxy(port, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        traffic[String(property)] = (traffic[String(property)] ?? 0) + 1;
        const answer: unknown = Reflect.apply(value, target, structuredClone(args));
        return answer instanceof Promise ? answer.then((later: unknown) => structuredClone(later)) : structuredClone(answer);
      };
    },
  });
}

/** A gateway at sun that is one of two shards, and as many road warriors at moon as there are setups. */
function gateway(virtualIps: readonly string[]) {
  const traffic: Traffic = {};
  const pair = new Pair({
    moon: { logLevel: 0 },
    sun: {
      link: (control) => counted(control, traffic),
      linkOfTwo: (shard) => counted(shard, traffic),
      settings: { dos_protection: "no" },
      logLevel: 0,
    },
  });
  const { moon, sun } = pair;
  sun.attributes.addPool({ name: "v4", addresses: "10.3.0.0/16", attributes: [] });
  sun.attributes.addPool({ name: "v6", addresses: "fd00::/100", attributes: [] });
  sun.attributes.setAttributes("test", {
    withVirtualIp: true,
    attributes: [{ type: ConfigAttributeType.INTERNAL_IP4_DNS, value: Uint8Array.of(10, 2, 0, 53) }],
  });
  pair.configure(
    {},
    {
      remote: [authRound({ auth: "psk", id: "%any" })],
      pools: ["v4", "v6"],
      children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })],
    },
  );
  for (const end of pair.ends) end.secret("secret");
  const usual = moon.shard.context.configs.peerByName("net")!.definition;
  for (let i = 0; i < SETUPS; i++) {
    moon.connection({
      ...usual,
      name: `net${i}`,
      local: [authRound({ auth: "psk", id: `moon${i}` })],
      virtualIps,
      children: [usualChild("moon", "net", { localTs: ["dynamic"] })],
    });
  }
  for (const method of Object.keys(traffic)) delete traffic[method];
  const setUp = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) void moon.shard.initiate({ peer: `net${i}`, child: "net" }, undefined);
    await pair.run();
  };
  return { pair, traffic, setUp };
}

describe("a setup with a pre-shared key, on one of several shards", () => {
  it("crosses no link", async () => {
    const { pair, traffic, setUp } = gateway([]);
    await setUp(0, 20);
    expect(pair.sun.ikeSas).toHaveLength(20);
    expect(traffic).toEqual({});
  });

  it("with virtual IPs and DNS servers waits for no link but the first time, and tells of many leases at once", async () => {
    const { pair, traffic, setUp } = gateway(["0.0.0.0", "::"]);
    await setUp(0, 1);
    // Both families: two questions, two blocks.
    expect(traffic).toEqual({ acquireAddress: 2, applyAttributes: 2 });
    for (let from = 1; from < SETUPS; from += 50) await setUp(from, Math.min(SETUPS, from + 50));
    expect(pair.sun.ikeSas).toHaveLength(SETUPS);
    const { acquireAddress, applyAttributes, noticeLeases, ...others } = traffic;
    expect(others).toEqual({});
    expect(acquireAddress).toBe(2);
    // A block of each family lasts for so many setups, and the next is there before it is used up.
    expect(applyAttributes).toBeLessThanOrEqual(2 * Math.ceil((2 * SETUPS) / GRANT));
    expect(noticeLeases).toBeLessThan(SETUPS);
    expect(pair.sun.attributes.pools()).toMatchObject([{ online: SETUPS }, { online: SETUPS }]);
    const addresses = pair.moon.ikeSas.flatMap(({ localVirtualIps }) => localVirtualIps.map(String));
    expect(new Set(addresses).size).toBe(2 * SETUPS);
    expect(pair.moon.ikeSas.every(({ localVirtualIps }) => localVirtualIps.length === 2)).toBe(true);
    for (const ikeSa of pair.moon.ikeSas) pair.moon.terminateIke(ikeSa);
    await pair.run();
    expect(pair.sun.attributes.pools()).toMatchObject([
      { online: 0, offline: SETUPS },
      { online: 0, offline: SETUPS },
    ]);
    expect(traffic).toMatchObject({ acquireAddress: 2, applyAttributes });
  });

  it("asks for the address that a peer had before", async () => {
    const { pair, traffic, setUp } = gateway(["0.0.0.0"]);
    await setUp(0, 3);
    const [before] = pair.moon.ikeSas.filter(({ name }) => name === "net1").map(({ localVirtualIps }) => String(localVirtualIps));
    for (const ikeSa of pair.moon.ikeSas) pair.moon.terminateIke(ikeSa);
    await pair.run();
    traffic["acquireAddress"] = 0;
    await setUp(1, 2);
    expect(pair.moon.ikeSas[0]!.localVirtualIps.map(String)).toEqual([before]);
    expect(traffic["acquireAddress"]).toBe(1);
  });

  it("asks providers on control, which may take their time", async () => {
    const { pair, traffic, setUp } = gateway(["0.0.0.0"]);
    const remove = pair.sun.attributes.addProvider({
      attributes: () => Promise.resolve([{ type: ConfigAttributeType.INTERNAL_IP4_NBNS, value: Uint8Array.of(10, 2, 0, 54) }]),
    });
    const seen: string[] = [];
    pair.moon.bus.addListener({
      name: "test",
      attributes: (_ikeSa, attributes) => void seen.push(attributes.map(({ value }) => Host.fromOctets(value)).join()),
    });
    await setUp(0, 1);
    remove();
    await setUp(1, 2);
    expect(seen).toEqual(["10.2.0.53,10.2.0.54", "10.2.0.53"]);
    expect(traffic["attributes"]).toBe(1);
  });
});
