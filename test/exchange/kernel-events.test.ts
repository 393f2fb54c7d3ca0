import { ChildSaState, Host } from "@cygnet/plugin-api";
import type { KernelNet } from "@cygnet/plugin-api";
import { TrafficSelector } from "@cygnet/ike";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";
import type { Flight } from "@cygnet/plugin-testkit/pair";
import { labelOf } from "./wire-tap.js";

/** Two ends whose kernels watch over lifetimes. */
function watched(options: ConstructorParameters<typeof Pair>[0] = {}): Pair {
  const pair = new Pair(options);
  for (const end of pair.ends) end.kernel.raisesExpires = true;
  return pair;
}

const only = (end: End) => end.children[0]!;
const MOON = Host.of("192.0.2.1");
const SUN = Host.of("192.0.2.2");

describe("what the kernel tells of SAs", () => {
  it("has a CHILD_SA rekeyed when a soft limit of either SA is reached, once", async () => {
    const pair = watched();
    pair.configure();
    await pair.establish();
    const { spiIn, spiOut } = only(pair.moon);
    const { kernelEvents } = pair.moon.shard;
    kernelEvents.expire(3, spiOut, SUN, false);
    kernelEvents.expire(3, spiIn, MOON, false);
    await pair.run(60_000, 100);
    expectUp(pair);
    expect(only(pair.moon).spiIn).not.toBe(spiIn);
    expect(pair.moon.lines().filter((line) => line.startsWith("creating rekey job for CHILD_SA ESP/0x"))).toHaveLength(2);
    expect(pair.moon.lines().filter((line) => line.includes("CHILD_SA net{") && line.includes("established"))).toHaveLength(2);
  });

  it("has a CHILD_SA closed when a hard limit is reached", async () => {
    const pair = watched();
    pair.configure();
    await pair.establish();
    pair.sun.shard.kernelEvents.expire(3, only(pair.sun).spiIn, SUN, true);
    await pair.run();
    expect(pair.moon.children).toHaveLength(0);
    expect(pair.sun.children).toHaveLength(0);
    expect(pair.sun.lines().some((line) => line.startsWith("CHILD_SA expired, closing net{1}"))).toBe(true);
    for (const end of pair.ends) expect(end.shard.context.kernel.spis.size).toBe(0);
  });

  it("is ignored where it is of no SA of the shard", async () => {
    const pair = watched();
    pair.configure();
    await pair.establish();
    const { spiIn } = only(pair.moon);
    pair.moon.shard.kernelEvents.expire(3, spiIn, SUN, true);
    pair.moon.shard.kernelEvents.expire(2, spiIn, MOON, true);
    pair.moon.shard.kernelEvents.expire(3, spiIn + 1, MOON, true);
    await pair.run();
    expectUp(pair);
    expect(only(pair.moon).spiIn).toBe(spiIn);
  });

  it("leaves lifetimes to the kernel", async () => {
    const pair = watched();
    pair.configure({ children: [usualChild("moon", "net", { rekeyTime: 60, lifeTime: 120 })] });
    await pair.establish();
    const { spiIn } = only(pair.moon);
    await pair.run(600_000, 200);
    expect(only(pair.moon).spiIn).toBe(spiIn);
  });

  it("moves an IKE_SA to where its NAT maps it to now, and not one without", async () => {
    const pair = watched();
    pair.configure({}, { remoteAddresses: ["%any"] });
    pair.network.translate = (flight) => {
      if (flight.source.sameAddress(MOON)) return { ...flight, source: Host.of("203.0.113.1", flight.source.port + 10_000) };
      if (flight.destination.toString() === "203.0.113.1")
        return { ...flight, destination: MOON.withPort(flight.destination.port - 10_000) };
      return flight;
    };
    await pair.establish();
    const { spiIn } = only(pair.sun);
    pair.sun.shard.kernelEvents.mapping(3, spiIn, SUN, Host.of("203.0.113.9", 20_000));
    await pair.run(0);
    expect(pair.sun.ikeSas[0]!.remote.toStringWithPort()).toBe("203.0.113.9[20000]");
    expect(only(pair.sun).remote.toStringWithPort()).toBe("203.0.113.9[20000]");
    // Who is behind the NAT does not follow: nobody has told it that the other end moved.
    pair.moon.shard.kernelEvents.mapping(3, only(pair.moon).spiIn, MOON, Host.of("203.0.113.7", 4500));
    await pair.run(0);
    expect(pair.moon.ikeSas[0]!.remote.toString()).toBe("192.0.2.2");
  });
});

describe("SAs that somebody else has moved", () => {
  it("take their IKE_SA along, with its ports", async () => {
    const pair = watched();
    pair.configure();
    await pair.establish();
    const [local, remote] = [Host.of("192.0.2.11"), Host.of("192.0.2.22")];
    pair.moon.shard.kernelEvents.migrate(3, only(pair.moon).spiOut, SUN, local, remote);
    await pair.run(0);
    const [ikeSa] = pair.moon.ikeSas;
    expect([ikeSa!.local, ikeSa!.remote].map((host) => host.toStringWithPort())).toEqual(["192.0.2.11[500]", "192.0.2.22[500]"]);
    expect(only(pair.moon).remote.toString()).toBe("192.0.2.22");
    expect(pair.moon.lines().join("\n")).toContain("creating migrate job for CHILD_SA net{1} to 192.0.2.11...192.0.2.22");
  });

  it("are no concern of who has no such SA", async () => {
    const pair = watched();
    pair.configure();
    await pair.establish();
    pair.moon.shard.kernelEvents.migrate(3, only(pair.moon).spiOut + 1, SUN, MOON, Host.of("192.0.2.22"));
    await pair.run(0);
    expect(pair.moon.ikeSas[0]!.remote.toString()).toBe("192.0.2.2");
  });
});

describe("an address of this host that is gone", () => {
  /** A host that has these addresses, and would send from the first of them. */
  function host(addresses: Host[]): KernelNet {
    const net: Partial<KernelNet> = {
      sourceAddress: () => addresses[0],
      interfaceOf: (address) => (addresses.some((one) => one.sameAddress(address)) ? "eth0" : undefined),
    };
    return net as KernelNet;
  }

  async function established(initiator: "moon" | "sun"): Promise<{ readonly pair: Pair; readonly addresses: Host[] }> {
    const addresses = [MOON];
    const pair = watched({ moon: { net: host(addresses) } });
    pair.configure({}, initiator === "moon" ? { remoteAddresses: ["%any"] } : {});
    pair[initiator].initiate("net");
    await pair.run();
    expectUp(pair);
    return { pair, addresses };
  }

  const isFirstFrom = (flight: Flight, address: string): boolean =>
    flight.source.toString() === address && labelOf(flight).startsWith("IKE_SA_INIT request");

  it("has the initiator set its IKE_SA up anew from another one", async () => {
    const { pair, addresses } = await established("moon");
    addresses[0] = Host.of("192.0.2.7");
    pair.network.translate = (flight) =>
      flight.destination.toString() === "192.0.2.7" ? { ...flight, destination: MOON.withPort(flight.destination.port) } : flight;
    pair.moon.shard.kernelEvents.roam(true);
    await pair.run();
    expect(pair.moon.lines()).toContain("reauthenticating IKE_SA due to address change");
    expect(pair.network.flights.some((flight) => isFirstFrom(flight, "192.0.2.7"))).toBe(true);
    expect(pair.moon.ikeSas.map(({ uniqueId }) => uniqueId)).toEqual([2]);
  });

  it("is waited for where there is no other one, and is no matter to the responder", async () => {
    for (const initiator of ["moon", "sun"] as const) {
      const { pair, addresses } = await established(initiator);
      const sent = pair.network.flights.length;
      if (initiator === "moon") addresses.length = 0;
      else addresses[0] = Host.of("192.0.2.7");
      pair.moon.shard.kernelEvents.roam(true);
      await pair.run();
      expect(pair.network.flights.length).toBe(sent);
      expectUp(pair);
    }
  });

  it("is looked for when addresses change only", async () => {
    const { pair, addresses } = await established("moon");
    const sent = pair.network.flights.length;
    pair.moon.shard.kernelEvents.roam(true);
    await pair.run();
    addresses[0] = Host.of("192.0.2.7");
    pair.moon.shard.kernelEvents.roam(false);
    await pair.run();
    expect(pair.network.flights.length).toBe(sent);
  });
});

describe("a trap", () => {
  const packet = (subnet: string): TrafficSelector => TrafficSelector.parse(subnet)!;

  async function trapped(): Promise<Pair> {
    const pair = watched();
    pair.configure();
    expect(await pair.moon.shard.install({ peer: "net", child: "net" })).toBe(true);
    return pair;
  }

  it("is in the kernel until it is taken away, and in the list", async () => {
    const pair = await trapped();
    expect([...pair.moon.kernel.policies.keys()].map((name) => name.split(" ")[0]).sort()).toEqual(["fwd", "in", "out"]);
    expect(pair.moon.shard.installedPolicies()).toEqual([
      {
        name: "net",
        ikeName: "net",
        uniqueId: 1,
        state: ChildSaState.ROUTED,
        mode: "tunnel",
        reqid: 1,
        localTs: "10.1.0.0/16",
        remoteTs: "10.2.0.0/16",
      },
    ]);
    expect(await pair.moon.shard.uninstall("net")).toBe("trap");
    expect(await pair.moon.shard.uninstall("net")).toBeUndefined();
    expect(pair.moon.kernel.policies.size).toBe(0);
    expect(pair.moon.shard.context.kernel.reqids.size).toBe(0);
  });

  it("has its CHILD_SA set up when a packet meets it, once, with its reqid", async () => {
    const pair = await trapped();
    const { kernelEvents } = pair.moon.shard;
    const [source, destination] = [packet("10.1.0.5/32[udp/53]"), packet("10.2.0.9/32[udp]")];
    kernelEvents.acquire(1, source, destination);
    kernelEvents.acquire(1, source, destination);
    await pair.run();
    await pair.moon.shard.uninstall("net");
    expectUp(pair);
    expect(only(pair.moon).reqid).toBe(1);
    expect(pair.moon.lines().filter((line) => line.startsWith("creating acquire job"))).toEqual([
      "creating acquire job for policy 10.1.0.5/32[udp/domain] === 10.2.0.9/32[udp] with reqid {1}",
    ]);
  });

  it("does so again after that came to nothing", async () => {
    const pair = await trapped();
    const acquire = (): void => pair.moon.shard.kernelEvents.acquire(1, packet("10.1.0.5/32"), packet("10.2.0.9/32"));
    pair.network.fate = () => [];
    acquire();
    await pair.run(400_000, 100);
    expect(pair.moon.ikeSas).toHaveLength(0);
    pair.network.fate = () => [1];
    acquire();
    await pair.run();
    await pair.moon.shard.uninstall("net");
    expectUp(pair);
  });

  it("is no business of packets that met another one", async () => {
    const pair = await trapped();
    pair.moon.shard.kernelEvents.acquire(2, packet("10.1.0.5/32"), packet("10.2.0.9/32"));
    await pair.run();
    expect(pair.moon.ikeSas).toHaveLength(0);
  });

  it("cannot be set towards anybody", async () => {
    const pair = watched();
    pair.configure({ remoteAddresses: ["%any"] });
    expect(await pair.moon.shard.install({ peer: "net", child: "net" })).toBe(false);
    expect(await pair.moon.shard.install({ peer: "net", child: "nope" })).toBe(false);
    expect(pair.moon.lines()).toContain("installing trap failed, remote address unknown");
    expect(pair.moon.kernel.policies.size).toBe(0);
  });

  it("in transport mode may be towards anybody, and packets say whom its CHILD_SAs are with", async () => {
    const hosts = { mode: "transport", localTs: ["dynamic"], remoteTs: ["dynamic"] } as const;
    const pair = watched();
    pair.configure(
      { remoteAddresses: ["%any"], children: [usualChild("moon", "net", hosts)] },
      { children: [usualChild("sun", "net", hosts)] },
    );
    expect(await pair.moon.shard.install({ peer: "net", child: "net" })).toBe(true);
    expect([...pair.moon.kernel.policies.keys()].sort()).toEqual([
      "in 0.0.0.0/0 0.0.0.0/0",
      "in ::/0 ::/0",
      "out 0.0.0.0/0 0.0.0.0/0",
      "out ::/0 ::/0",
    ]);
    const acquire = (to: string): void => pair.moon.shard.kernelEvents.acquire(1, packet("192.0.2.1/32[icmp/8]"), packet(to));
    acquire("192.0.2.2/32[icmp]");
    acquire("192.0.2.2/32[icmp]");
    acquire("192.0.2.3/32[icmp]");
    await pair.run();
    expect(pair.moon.ikeSas.map(({ remote }) => remote.toString())).toEqual(["192.0.2.2", "192.0.2.3"]);
    expect(only(pair.moon).selectors()).toBe("192.0.2.1/32 === 192.0.2.2/32");
    // The packet waits in the kernel for an SA with the reqid of the trap.
    expect(only(pair.moon).reqid).toBe(1);
    // To whom it is connected already it does not connect again.
    acquire("192.0.2.2/32[icmp]");
    await pair.run();
    expect(pair.moon.ikeSas).toHaveLength(2);
    await pair.moon.shard.uninstall("net");
    for (const ikeSa of pair.moon.ikeSas) pair.moon.manager.destroy(ikeSa);
    expect(pair.moon.shard.context.kernel.reqids.size).toBe(0);
  });

  it("leaves nothing behind when the kernel refuses it", async () => {
    const pair = watched();
    pair.configure();
    pair.moon.kernel.failPolicy = new Error("no room");
    expect(await pair.moon.shard.install({ peer: "net", child: "net" })).toBe(false);
    expect(pair.moon.shard.context.kernel.reqids.size).toBe(0);
    expect(pair.moon.lines()).toContain("unable to install trap 'net': no room");
  });
});

describe("a shunt", () => {
  it.each(["pass", "drop"] as const)("of mode %s is installed without an SA, and is never initiated", async (mode) => {
    const pair = watched();
    pair.configure({ children: [usualChild("moon", "lan", { mode, localTs: ["10.1.0.0/24"], remoteTs: ["10.1.0.0/24"] })] });
    expect(await pair.moon.shard.install({ peer: "net", child: "lan" })).toBe(true);
    expect([...pair.moon.kernel.policies.keys()].sort()).toEqual([
      "fwd 10.1.0.0/24 10.1.0.0/24",
      "in 10.1.0.0/24 10.1.0.0/24",
      "out 10.1.0.0/24 10.1.0.0/24",
    ]);
    pair.moon.shard.kernelEvents.acquire(0, TrafficSelector.parse("10.1.0.5/32")!, TrafficSelector.parse("10.1.0.6/32")!);
    await pair.run();
    expect(pair.moon.ikeSas).toHaveLength(0);
    expect(await pair.moon.shard.uninstall("lan")).toBe("shunt");
    expect(pair.moon.kernel.policies.size).toBe(0);
  });
});
