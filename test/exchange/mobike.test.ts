import { ChildSaState, Host } from "@cygnet/plugin-api";
import type { KernelNet, PeerDefinition } from "@cygnet/plugin-api";
import { Condition } from "@cygnet/ike";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";
import { nat } from "@cygnet/plugin-testkit/pair";
import { labelOf } from "./wire-tap.js";

const MOON = Host.of("192.0.2.1");
const MOON_WLAN = Host.of("198.51.100.1");
const SUN = Host.of("192.0.2.2");
const SUN_OTHER = Host.of("203.0.113.2");

/** A host with these addresses, which leads everywhere from each of them, from the first by choice. */
function host(...addresses: Host[]): KernelNet & { readonly own: Host[] } {
  const net: Partial<KernelNet> & { readonly own: Host[] } = {
    own: addresses,
    sourceAddress: (_, preferred) => addresses.find((own) => preferred?.sameAddress(own) === true) ?? addresses[0],
    interfaceOf: (address) => (addresses.some((own) => own.sameAddress(address)) ? "eth0" : undefined),
    addresses: () => addresses,
  };
  return net as KernelNet & { readonly own: Host[] };
}

const MOBILE: Partial<PeerDefinition> = { mobike: true, remoteAddresses: ["%any"] };

/** Both ends with MOBIKE, moon as initiator. Each has one address that it can be reached at, and another one. */
async function mobile(settings: Readonly<Record<string, string>> = {}, rest: Partial<PeerDefinition> = {}) {
  const networks = { moon: host(MOON), sun: host(SUN) };
  const pair = new Pair({ moon: { net: networks.moon, settings }, sun: { net: networks.sun } });
  pair.moon.socket.otherAddresses.push(MOON_WLAN);
  pair.sun.socket.otherAddresses.push(SUN_OTHER);
  const children = {
    moon: usualChild("moon", "net", { localTs: ["dynamic"] }),
    sun: usualChild("sun", "net", { remoteTs: ["dynamic"] }),
  };
  pair.configure({ mobike: true, children: [children.moon], ...rest }, { ...MOBILE, children: [children.sun] });
  const roam = async (end: "moon" | "sun", addresses: readonly Host[]): Promise<void> => {
    networks[end].own.splice(0, Infinity, ...addresses);
    pair[end].shard.kernelEvents.roam(true);
    await pair.run();
  };
  return { pair, networks, roam };
}

async function established(...given: Parameters<typeof mobile>) {
  const made = await mobile(...given);
  await made.pair.establish();
  expectUp(made.pair);
  return made;
}

const peerOf = (pair: Pair, end: "moon" | "sun"): string => pair[end].ikeSas[0]!.remote.toStringWithPort();
const payloadsOf = (pair: Pair, label: string, end: "moon" | "sun" = "moon"): string | undefined =>
  pair[end].lines().findLast((line) => line.includes(label));

describe("MOBIKE", () => {
  it("is agreed on in IKE_AUTH, over port 4500 without a NAT and without ESP in UDP", async () => {
    const { pair } = await established();
    expect(payloadsOf(pair, "generating IKE_AUTH request 1")).toContain("TSi TSr N(MULT_AUTH) N(MOBIKE_SUP) N(NO_ADD_ADDR) ]");
    expect(payloadsOf(pair, "parsed IKE_AUTH response 1")).toContain("TSi TSr N(MOBIKE_SUP) N(NO_ADD_ADDR) ]");
    for (const end of pair.ends) {
      expect(end.lines()).toContain("peer supports MOBIKE");
      expect(end.ikeSas[0]!.has(Condition.MOBIKE)).toBe(true);
      expect(end.children[0]!.udpEncap).toBe(false);
      expect(end.ikeSas[0]!.local.port).toBe(4500);
    }
  });

  it("is not agreed on where either end does not want it", async () => {
    for (const [moon, sun] of [
      [true, false],
      [false, true],
    ] as const) {
      const pair = new Pair({ moon: { net: host(MOON) }, sun: { net: host(SUN) } });
      pair.configure({ mobike: moon }, { mobike: sun });
      await pair.establish();
      expectUp(pair);
      for (const end of pair.ends) expect(end.ikeSas[0]!.has(Condition.MOBIKE)).toBe(false);
    }
  });

  it("tells the other addresses of both ends, of either family, and eight at most", async () => {
    const { pair, networks } = await mobile();
    const many = Array.from({ length: 12 }, (_, i) => Host.of(`198.51.100.${i + 10}`));
    networks.moon.own.push(...many);
    networks.sun.own.push(Host.of("2001:db8::2"), SUN_OTHER);
    await pair.establish();
    expect(pair.sun.ikeSas[0]!.peerAddresses.map(String)).toEqual(many.slice(0, 8).map(String));
    expect(pair.moon.ikeSas[0]!.peerAddresses.map(String)).toEqual(["2001:db8::2", "203.0.113.2"]);
  });
});

describe("an initiator whose address is gone", () => {
  it("moves the IKE_SA, its CHILD_SAs and what is its own host in their selectors to another one", async () => {
    const { pair, roam } = await established();
    await roam("moon", [MOON_WLAN]);
    expectUp(pair);
    expect(pair.moon.ikeSas[0]!.local.toStringWithPort()).toBe("198.51.100.1[4500]");
    expect(peerOf(pair, "sun")).toBe("198.51.100.1[4500]");
    expect(pair.moon.children[0]!.local.toString()).toBe("198.51.100.1");
    expect(pair.sun.children[0]!.remote.toString()).toBe("198.51.100.1");
    expect([...pair.sun.kernel.sas].some((sa) => sa.startsWith("198.51.100.1/"))).toBe(true);
    expect(pair.sun.children[0]!.uniqueId).toBe(1);
    const requests = pair.network.flights.map(labelOf).filter((label) => label.startsWith("INFORMATIONAL request"));
    // A probe, the update, and sun's look whether moon is there.
    expect(requests).toHaveLength(3);
    expect(payloadsOf(pair, "parsed INFORMATIONAL request 3", "sun")).toBe(
      "parsed INFORMATIONAL request 3 [ N(UPD_SA_ADDR) N(NATD_S_IP) N(NATD_D_IP) N(COOKIE2) N(NO_ADD_ADDR) ]",
    );
    expect(payloadsOf(pair, "parsed INFORMATIONAL request 0", "moon")).toBe("parsed INFORMATIONAL request 0 [ N(COOKIE2) ]");
  });

  it("takes its virtual IPs along to the interface of the other one", async () => {
    const changes: string[] = [];
    const net = host(MOON);
    net.interfaceOf = (address) => (address.sameAddress(MOON) ? "eth0" : "wlan0");
    net.addVirtualIp = (address, prefix, name) => void changes.push(`+${address}/${prefix} ${name}`);
    net.deleteVirtualIp = (address, prefix) => void changes.push(`-${address}/${prefix}`);
    const pair = new Pair({ moon: { net }, sun: { net: host(SUN) } });
    pair.moon.kernel.carriesTraffic = true;
    pair.moon.socket.otherAddresses.push(MOON_WLAN);
    pair.sun.attributes.addPool({ name: "pool", addresses: "10.3.0.0/24", attributes: [] });
    pair.configure(
      { mobike: true, virtualIps: ["0.0.0.0"], children: [usualChild("moon", "net", { localTs: ["dynamic"] })] },
      { ...MOBILE, pools: ["pool"], children: [usualChild("sun", "net", { remoteTs: ["dynamic"] })] },
    );
    await pair.establish();
    net.own.splice(0, 1, MOON_WLAN);
    pair.moon.shard.kernelEvents.roam(true);
    await pair.run();
    expectUp(pair);
    expect(changes).toEqual(["+10.3.0.1/32 eth0", "-10.3.0.1/32", "+10.3.0.1/32 wlan0"]);
  });

  it("rekeys what its kernel cannot move, at the new address", async () => {
    const { pair, roam } = await established();
    for (const end of pair.ends) end.kernel.movesSas = false;
    await roam("moon", [MOON_WLAN]);
    expectUp(pair);
    expect(pair.moon.lines().join("\n")).not.toContain("TS_UNACCEPTABLE");
    const [moon] = pair.moon.children.filter(({ state }) => state === ChildSaState.INSTALLED);
    expect(moon!.uniqueId).toBeGreaterThan(1);
    expect([moon!.local, ...moon!.localTs].map(String)).toEqual(["198.51.100.1", "198.51.100.1/32"]);
  });

  it("follows dynamic selectors, so that both ends have the new address in them", async () => {
    const { pair, roam } = await established();
    expect(pair.moon.children[0]!.localTs.map(String)).toEqual(pair.sun.children[0]!.remoteTs.map(String));
    await roam("moon", [MOON_WLAN]);
    expect(pair.moon.children[0]!.localTs.map(String)).toEqual(pair.sun.children[0]!.remoteTs.map(String));
  });

  it("waits for one where there is none, and moves then even back to the old one", async () => {
    const { pair, roam } = await established();
    const sent = pair.network.flights.length;
    await roam("moon", []);
    expect(pair.moon.lines()).toContain("no route found to reach 192.0.2.2, MOBIKE update deferred");
    expect(pair.network.flights.length).toBe(sent);
    await roam("moon", [MOON]);
    expectUp(pair);
    expect(pair.moon.ikeSas[0]!.has(Condition.STALE)).toBe(false);
    expect(payloadsOf(pair, "parsed INFORMATIONAL request", "sun")).toContain("N(UPD_SA_ADDR)");
  });

  it("tries the peer's other addresses, too, and keeps to the one that answers", async () => {
    const { pair, networks, roam } = await mobile();
    networks.sun.own.push(SUN_OTHER);
    await pair.establish();
    pair.network.fate = ({ destination }) => (destination.sameAddress(SUN) ? [] : [1]);
    await roam("moon", [MOON_WLAN]);
    expectUp(pair);
    expect(peerOf(pair, "moon")).toBe("203.0.113.2[4500]");
    expect(pair.sun.ikeSas[0]!.local.toString()).toBe("203.0.113.2");
    expect(pair.moon.lines()).toContain("checking path 198.51.100.1[4500] - 192.0.2.2[4500]");
  });

  it("probes every 2.5 s, and gives the peer up after ten more", async () => {
    const { pair, roam } = await established();
    pair.network.fate = () => [];
    await roam("moon", [MOON_WLAN]);
    const sent = pair.network.flights.length;
    await pair.run(24_900, 100);
    expect(pair.network.flights.length).toBe(sent + 9);
    await pair.run(3000, 10);
    expect(pair.moon.lines()).toContain("giving up after 10 path probings");
    expect(pair.moon.ikeSas).toHaveLength(0);
  });

  it("begins anew when it changes again while the update is under way", async () => {
    const { pair, networks } = await established();
    networks.moon.own[0] = MOON_WLAN;
    pair.moon.shard.kernelEvents.roam(true);
    // The probe is through, the update is not.
    await pair.run(3, 3);
    networks.moon.own[0] = MOON;
    pair.moon.shard.kernelEvents.roam(true);
    await pair.run();
    expectUp(pair);
    expect(peerOf(pair, "sun")).toBe("192.0.2.1[4500]");
    expect(pair.moon.children[0]!.local.toString()).toBe("192.0.2.1");
  });

  it("has a rekeying that is under way go on from the new address", async () => {
    const { pair, networks } = await established();
    pair.network.fate = ({ source, destination }) => (source.sameAddress(MOON) || destination.sameAddress(MOON) ? [] : [1]);
    pair.moon.rekeyIke();
    await pair.run();
    networks.moon.own[0] = MOON_WLAN;
    pair.moon.shard.kernelEvents.roam(true);
    await pair.run(20_000, 100);
    expectUp(pair);
    expect(peerOf(pair, "sun")).toBe("198.51.100.1[4500]");
    expect(pair.sun.ikeSas.map(({ uniqueId }) => uniqueId)).toEqual([2]);
    expect(pair.moon.ikeSas[0]!.has(Condition.MOBIKE)).toBe(true);
  });

  it("leaves a path that works, unless prefer_best_path says otherwise", async () => {
    for (const best of ["no", "yes"]) {
      const { pair, roam } = await established({ prefer_best_path: best });
      await roam("moon", [MOON_WLAN, MOON]);
      expectUp(pair);
      expect(peerOf(pair, "sun")).toBe(best === "yes" ? "198.51.100.1[4500]" : "192.0.2.1[4500]");
      expect(pair.sun.ikeSas[0]!.peerAddresses.map(String)).toEqual([best === "yes" ? "192.0.2.1" : "198.51.100.1"]);
    }
  });

  it("asks the peer for a sign of life when a route changes, with check_current_path", async () => {
    for (const [check, requests] of [
      ["no", 0],
      ["yes", 1],
    ] as const) {
      const { pair } = await established({ check_current_path: check });
      pair.moon.shard.kernelEvents.roam(false);
      await pair.run();
      const sent = pair.network.flights.map(labelOf).filter((label) => label.startsWith("INFORMATIONAL request"));
      expect(sent).toHaveLength(requests);
    }
  });

  it("closes the IKE_SA when the answer has another COOKIE2", async () => {
    const { pair, roam } = await established();
    const sun = pair.sun.shard.context;
    const generate = sun.codec.generate.bind(sun.codec);
    sun.codec.generate = (ikeSa, message) => {
      for (const payload of message.payloads)
        if (message.isResponse && "notifyType" in payload && payload.notifyType === 16401) payload.data[0]! ^= 1;
      return generate(ikeSa, message);
    };
    await roam("moon", [MOON_WLAN]);
    expect(pair.moon.lines()).toContain("COOKIE2 mismatch, closing IKE_SA");
    expect(pair.moon.ikeSas).toHaveLength(0);
  });
});

describe("a responder", () => {
  it("whose address is gone tells its others from one of them, and the initiator moves", async () => {
    const { pair, roam } = await established();
    await roam("sun", [SUN_OTHER]);
    await pair.run();
    expectUp(pair);
    expect(peerOf(pair, "moon")).toBe("203.0.113.2[4500]");
    expect(pair.moon.children[0]!.remote.toString()).toBe("203.0.113.2");
    expect(pair.sun.children[0]!.local.toString()).toBe("203.0.113.2");
  });

  it("tells a change of its other addresses", async () => {
    const { pair, roam } = await established();
    await roam("sun", [SUN, SUN_OTHER]);
    expect(pair.moon.ikeSas[0]!.peerAddresses.map(String)).toEqual(["203.0.113.2"]);
    expect(pair.sun.lines()).toContain("sending address list update using MOBIKE");
  });

  it("ignores an update of the one that is not the original initiator, and of one without MOBIKE", async () => {
    const { pair } = await established();
    pair.moon.ikeSas[0]!.set(Condition.ORIGINAL_INITIATOR, false);
    pair.sun.ikeSas[0]!.set(Condition.MOBIKE, false);
    await pair.run();
    pair.moon.ikeSas[0]!.set(Condition.ORIGINAL_INITIATOR);
    pair.moon.shard.kernelEvents.roam(true);
    await pair.run();
    expect(peerOf(pair, "sun")).toBe("192.0.2.1[4500]");
  });

  it("does not follow the addresses of packets, which a NAT may have changed, but of updates", async () => {
    const pair = new Pair({ moon: { net: host(MOON) }, sun: { net: host(SUN) } });
    pair.configure({ mobike: true, dpdDelay: 30 }, MOBILE);
    const { state, translate } = nat("203.0.113.1");
    pair.network.translate = translate;
    await pair.establish();
    expectUp(pair);
    // The first liveness check finds out where moon is seen.
    await pair.run(31_000, 62);
    state.outside = Host.of("203.0.113.77");
    await pair.run(31_000, 62);
    expectUp(pair);
    expect(pair.moon.lines()).toContain("NAT mappings have changed");
    expect(peerOf(pair, "sun")).toBe("203.0.113.77[14500]");
    expect(pair.sun.children[0]!.remote.toString()).toBe("203.0.113.77");
    for (const end of pair.ends) expect(end.children[0]!.udpEncap).toBe(true);
  });

  it("has ESP in UDP from when the initiator gets behind a NAT", async () => {
    const { pair, roam } = await established();
    pair.network.translate = (flight) => {
      if (flight.source.sameAddress(MOON_WLAN)) return { ...flight, source: Host.of("203.0.113.9", flight.source.port + 1000) };
      if (flight.destination.toString() === "203.0.113.9")
        return { ...flight, destination: MOON_WLAN.withPort(flight.destination.port - 1000) };
      return flight;
    };
    await roam("moon", [MOON_WLAN]);
    expectUp(pair);
    for (const end of pair.ends) expect(end.children[0]!.udpEncap).toBe(true);
    expect(peerOf(pair, "sun")).toBe("203.0.113.9[5500]");
    await roam("moon", [MOON]);
    expectUp(pair);
    for (const end of pair.ends) expect(end.children[0]!.udpEncap).toBe(false);
  });
});
