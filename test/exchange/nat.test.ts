import { Host } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";
import { INSIDE, nat } from "@cygnet/plugin-testkit/pair";
import { labelOf } from "./wire-tap.js";

async function behindNat(settings: Readonly<Record<string, string>> = {}) {
  const pair = new Pair({ moon: { settings } });
  pair.configure({}, { remoteAddresses: ["%any"] });
  const { state, translate } = nat("203.0.113.1");
  pair.network.translate = translate;
  await pair.establish();
  expectUp(pair);
  return { pair, state };
}

describe("a NAT in front of the initiator", () => {
  it("is found by both, who go on over port 4500 with the non-ESP marker and ESP in UDP", async () => {
    const { pair } = await behindNat();
    expect(pair.moon.lines()).toContain("local host is behind NAT, sending keep alives");
    expect(pair.sun.lines()).toContain("remote host is behind NAT");
    const auth = pair.network.flights.find((flight) => labelOf(flight).startsWith("IKE_AUTH request"))!;
    expect([auth.source.port, auth.destination.port]).toEqual([4500, 4500]);
    expect([...auth.data.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
    expect(pair.sun.ikeSas[0]!.remote.toStringWithPort()).toBe("203.0.113.1[14500]");
    for (const end of pair.ends) expect(end.children[0]!.udpEncap).toBe(true);
  });

  it("is kept open by keepalives from inside when nothing else is sent", async () => {
    const { pair } = await behindNat();
    const sent = pair.network.flights.length;
    await pair.run(61_000, 100);
    const keepalives = pair.network.flights.slice(sent);
    expect(keepalives.map(({ data }) => [...data])).toEqual([[0xff], [0xff], [0xff]]);
    expect(keepalives.every(({ source }) => source.equals(INSIDE.withPort(4500)))).toBe(true);
    expect(pair.moon.lines()).toContain("sending keep alive to 192.0.2.2[4500]");
    expect(pair.sun.counts.keepalives).toBe(3);
  });

  it("sees no keepalives with keep_alive = 0", async () => {
    const { pair } = await behindNat({ keep_alive: "0" });
    const sent = pair.network.flights.length;
    await pair.run(61_000, 100);
    expect(pair.network.flights.length).toBe(sent);
  });

  it.each([
    [9_000, ["keepalive from 192.0.2.1"]],
    [11_000, ["INFORMATIONAL request 2 from 192.0.2.1", "INFORMATIONAL response 2 from 192.0.2.2"]],
  ])("is probed where a keepalive is later than keep_alive_dpd_margin: %i ms late", async (lateMs, sent) => {
    const { pair } = await behindNat({ keep_alive_dpd_margin: "10" });
    const before = pair.network.flights.length;
    // As if the timer had fired that much later; the clock of a pair is never late.
    pair.moon.ikeSas[0]!.lastOutboundMs -= lateMs;
    await pair.run(20_100);
    expect(pair.network.flights.slice(before).map(labelOf)).toEqual(sent);
  });

  it("may choose another address later, which the responder follows with IKE and ESP once it is authenticated", async () => {
    const { pair, state } = await behindNat();
    state.outside = Host.of("203.0.113.77");
    pair.moon.rekeyIke();
    await pair.run(10_000);
    expectUp(pair);
    expect(pair.sun.ikeSas[0]!.remote.toStringWithPort()).toBe("203.0.113.77[14500]");
    expect([...pair.sun.kernel.sas].some((sa) => sa.startsWith("203.0.113.77/"))).toBe(true);
    expect([...pair.sun.kernel.sas].some((sa) => sa.startsWith("203.0.113.1/"))).toBe(false);
  });

  it("is not followed for what is not authenticated", async () => {
    const { pair } = await behindNat();
    pair.moon.terminateChild();
    await pair.run();
    const old = pair.network.flights.findLast((flight) => labelOf(flight).startsWith("INFORMATIONAL request"))!;
    const forged = old.data.slice();
    forged[forged.length - 1]! ^= 1;
    // message id 3, which is the next
    forged[4 + 23] = 3;
    pair.network.send({
      data: forged,
      source: Host.of("198.51.100.66").withPort(4500),
      destination: Host.of("192.0.2.2").withPort(4500),
    });
    await pair.run();
    expect(pair.sun.lines()).toContain("integrity check failed");
    expect(pair.sun.ikeSas[0]!.remote.toString()).toBe("203.0.113.1");
  });
});

describe("UDP encapsulation without a NAT", () => {
  it("is enforced by forceEncap, and followed by the other end", async () => {
    const pair = new Pair();
    pair.configure({ forceEncap: true });
    await pair.establish();
    expectUp(pair);
    expect(pair.moon.lines()).toContain("faking NAT situation to enforce UDP encapsulation");
    expect(pair.sun.lines()).toContain("remote host is behind NAT");
    for (const end of pair.ends) expect(end.children[0]!.udpEncap).toBe(true);
  });

  it("is enforced by a kernel that cannot do without", async () => {
    const pair = new Pair();
    pair.sun.kernel.requiresUdpEncap = true;
    pair.configure();
    await pair.establish();
    expectUp(pair);
    expect(pair.moon.lines()).toContain("remote host is behind NAT");
    expect(pair.moon.ikeSas[0]!.remote.port).toBe(4500);
  });

  it("is not used, and the ports stay as they are, where there is none", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    for (const end of pair.ends) {
      expect(end.children[0]!.udpEncap).toBe(false);
      expect(end.ikeSas[0]!.remote.port).toBe(500);
    }
  });
});
