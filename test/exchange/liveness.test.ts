import { IkeSaState } from "@cygnet/plugin-api";
import type { ChildDefinition } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair, usualChild } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectEmpty, expectUp } from "./expectations.js";
import { headerOf, labelOf } from "./wire-tap.js";

const SILENCE = (): readonly number[] => [];
const USUAL = (): readonly number[] => [1];

/** Milliseconds at which datagrams left, since the first of them. */
async function transmissions(pair: Pair, forMs: number): Promise<number[]> {
  const times: number[] = [];
  pair.network.fate = () => {
    times.push(pair.clock.nowMs);
    return [];
  };
  pair.moon.initiate("net");
  await pair.run(forMs, 200);
  return times.map((time) => time - times[0]!);
}

/** Times as strongSwan's formula has them, to the resolution of the timers. */
function expectTimes(actual: readonly number[], expected: readonly number[]): void {
  const TICK_MS = 4;
  expect(actual).toHaveLength(expected.length);
  for (const [i, time] of expected.entries()) {
    expect(actual[i]!).toBeGreaterThanOrEqual(Math.floor(time));
    expect(actual[i]!).toBeLessThanOrEqual(time + (i + 1) * TICK_MS);
  }
}

describe("a peer that does not answer", () => {
  it("gets five retransmissions with waits of 4 s x 1.8^n, and is given up after 165 s", async () => {
    const pair = new Pair();
    pair.configure();
    expectTimes(await transmissions(pair, 164_900), [0, 4000, 11_200, 24_160, 47_488, 89_478]);
    expect(pair.moon.ikeSas).toHaveLength(1);
    await pair.run(400);
    expect(pair.moon.lines().slice(-2)).toEqual([
      "giving up after 5 retransmits",
      "establishing IKE_SA failed, peer not responding",
    ]);
    expectEmpty(pair.moon);
  });

  it("is tried as often and at such intervals as the options say", async () => {
    const settings = { retransmit_timeout: "1", retransmit_base: "3", retransmit_tries: "3", retransmit_limit: "5" };
    const pair = new Pair({ moon: { settings } });
    pair.configure();
    expectTimes(await transmissions(pair, 60_000), [0, 1000, 4000, 9000]);
    expect(pair.moon.lines()).toContain("giving up after 3 retransmits");
    expectEmpty(pair.moon);
  });

  it("is tried a little sooner with retransmit_jitter", async () => {
    const pair = new Pair({ moon: { settings: { retransmit_jitter: "20", retransmit_tries: "1" } } });
    pair.configure();
    const [, first] = await transmissions(pair, 60_000);
    expect(first!).toBeGreaterThanOrEqual(3200);
    expect(first!).toBeLessThanOrEqual(4004);
  });

  it("is tried again from the start as long as keyingtries allow, even from IKE_AUTH on", async () => {
    const pair = new Pair();
    pair.configure({ keyingTries: 3 });
    pair.network.fate = (flight) => (labelOf(flight).startsWith("IKE_AUTH") ? [] : [1]);
    const operation = pair.moon.initiate("net");
    await pair.run(2 * 165_500, 200);
    expect(pair.moon.lines().filter((line) => line.startsWith("peer not responding"))).toEqual([
      "peer not responding, trying again (2/3)",
      "peer not responding, trying again (3/3)",
    ]);
    expect(operation.result()).toBeUndefined();
    pair.network.fate = USUAL;
    await pair.run(5000);
    expect(operation.result()).toBe("done");
    expectUp(pair);
    // What may still come in answer to an earlier try finds nobody.
    const first = pair.network.flights.filter((flight) => labelOf(flight) === "IKE_SA_INIT request 0 from 192.0.2.1");
    expect(new Set(first.map((flight) => headerOf(flight)!.spiInitiatorHi)).size).toBe(3);
  });

  it("gets the same octets again, and answers a request it has seen with the same response", async () => {
    const pair = new Pair();
    pair.configure();
    let lost = 0;
    pair.network.fate = (flight) => (labelOf(flight) === "IKE_AUTH response 1 from 192.0.2.2" && lost++ < 2 ? [] : [1]);
    await pair.establish();
    expect(pair.moon.ikeSas[0]!.state).toBe(IkeSaState.CONNECTING);
    await pair.run(12_000);
    expectUp(pair);
    for (const kind of ["IKE_AUTH request 1 from 192.0.2.1", "IKE_AUTH response 1 from 192.0.2.2"]) {
      const copies = pair.network.flights.filter((flight) => labelOf(flight) === kind).map(({ data }) => String(data));
      expect(copies).toHaveLength(3);
      expect(new Set(copies).size).toBe(1);
    }
    expect(pair.sun.lines()).toContain("received retransmit of request with ID 1, retransmitting response");
  });

  it("makes a half-open IKE_SA that is removed after half_open_timeout", async () => {
    const pair = new Pair({ sun: { settings: { half_open_timeout: "7" } } });
    pair.configure();
    pair.network.fate = (flight) => (labelOf(flight).startsWith("IKE_SA_INIT") ? [1] : []);
    await pair.establish();
    expect(pair.sun.manager.daemonCounts.halfOpen).toBe(1);
    await pair.run(6900);
    expect(pair.sun.manager.size).toBe(1);
    await pair.run(200);
    expect(pair.sun.lines()).toContain("deleting half open IKE_SA (unnamed)[1] with 192.0.2.1 after timeout");
    expectEmpty(pair.sun);
  });
});

describe("dead peer detection", () => {
  it("asks a silent peer, which answers, for as long as it lives", async () => {
    const pair = new Pair();
    pair.configure({ dpdDelay: 10 });
    await pair.establish();
    const sent = pair.network.flights.length;
    await pair.run(35_000, 100);
    const labels = pair.network.flights.slice(sent).map(labelOf);
    expect(labels.filter((label) => label.startsWith("INFORMATIONAL request"))).toHaveLength(3);
    expect(pair.moon.lines()).toContain("sending DPD request");
    expectUp(pair);
  });

  it("does not ask a peer that was heard meanwhile", async () => {
    const pair = new Pair();
    pair.configure({ dpdDelay: 10 });
    await pair.establish();
    await pair.run(9000);
    pair.sun.rekeyChild();
    await pair.run(5000);
    expect(pair.moon.lines()).not.toContain("sending DPD request");
  });

  it("gives a dead peer up with the timing of any request", async () => {
    const pair = new Pair();
    pair.configure({ dpdDelay: 10 });
    await pair.establish();
    pair.network.fate = SILENCE;
    await pair.run(10_000 + 164_900, 200);
    expect(pair.moon.ikeSas).toHaveLength(1);
    await pair.run(400);
    expect(pair.moon.lines()).toContain("giving up after 5 retransmits");
    expectEmpty(pair.moon);
  });

  it("sets everything up again with dpdaction=start", async () => {
    const pair = new Pair();
    pair.configure({ dpdDelay: 10 }, {}, { dpdAction: "start" });
    await pair.establish();
    pair.sun.manager.destroy(pair.sun.ikeSas[0]!);
    await pair.run(180_000, 200);
    expect(pair.moon.lines()).toContain("restarting CHILD_SA net");
    expectUp(pair);
  });

  it("does not set up again what was to be deleted", async () => {
    const pair = new Pair();
    pair.configure({}, {}, { dpdAction: "start" });
    await pair.establish();
    pair.network.fate = SILENCE;
    const operation = pair.moon.terminateIke();
    await pair.run(166_000, 200);
    expect(pair.moon.lines()).toContain("proper IKE_SA delete failed, peer not responding");
    expect(operation.result()).toBe("done");
    expectEmpty(pair.moon);
  });
});

describe("ends", () => {
  it("delete an IKE_SA with one exchange, from either side", async () => {
    for (const who of ["moon", "sun"] as const) {
      const pair = new Pair();
      pair.configure();
      await pair.establish();
      const operation = pair[who].terminateIke();
      await pair.run();
      expect(operation.result()).toBe("done");
      expect(
        pair[who]
          .lines()
          .slice(-7)
          .filter((line) => !/packet|generating|parsed/.test(line)),
      ).toEqual([
        `deleting IKE_SA net[1] between ${who === "moon" ? "192.0.2.1[moon]...192.0.2.2[sun]" : "192.0.2.2[sun]...192.0.2.1[moon]"}`,
        "sending DELETE for IKE_SA net[1]",
        "IKE_SA deleted",
      ]);
      for (const end of pair.ends) expectEmpty(end);
    }
  });

  it("delete a CHILD_SA and keep the IKE_SA, from either side", async () => {
    for (const who of ["moon", "sun"] as const) {
      const pair = new Pair();
      pair.configure();
      await pair.establish();
      const operation = pair[who].terminateChild();
      await pair.run();
      expect(operation.result()).toBe("done");
      expect(pair[who].lines()).toContain("CHILD_SA net{1} closed");
      expectUp(pair, 0);
    }
  });

  it("delete the new CHILD_SA where one was being rekeyed when its end was wished for", async () => {
    for (const who of ["moon", "sun"] as const) {
      const pair = new Pair();
      pair.configure();
      await pair.establish();
      pair[who].rekeyChild();
      pair[who].terminateChild();
      await pair.run(10_000);
      expectUp(pair, 0);
    }
  });

  it("set up again what the peer closed with closeaction=start, a CHILD_SA or all of it", async () => {
    for (const what of ["terminateChild", "terminateIke"] as const) {
      const pair = new Pair();
      pair.configure({}, {}, { closeAction: "none" });
      pair.moon.connection({
        ...pair.moon.shard.context.configs.peerByName("net")!.definition,
        children: [{ ...pair.moon.shard.context.configs.peerByName("net")!.children[0]!.definition, closeAction: "start" }],
      });
      await pair.establish();
      const before = pair.moon.children[0]!.spis();
      pair.sun[what]();
      await pair.run(200);
      expectUp(pair);
      expect(pair.moon.children[0]!.spis()).not.toBe(before);
    }
  });

  it("tell the peer when the daemon ends, and wait for nothing", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    await pair.moon.shard.stop();
    expectEmpty(pair.moon);
    await pair.run();
    expectEmpty(pair.sun);
  });

  it("agree even when the DELETE comes before the IKE_AUTH response", async () => {
    const pair = new Pair();
    pair.configure();
    pair.network.fate = (flight) => [labelOf(flight) === "IKE_AUTH response 1 from 192.0.2.2" ? 100 : 1];
    pair.moon.initiate("net");
    await pair.run(20);
    pair.sun.terminateIke();
    await pair.run(10_000);
    expectAgreed(pair);
    expect(pair.moon.ikeSas).toEqual([]);
  });
});

describe("trap as an action", () => {
  /** A pair whose moon is asked to install traps. */
  async function trapping(child: Partial<ChildDefinition>) {
    const pair = new Pair({ moon: { settings: { retransmit_timeout: "1", retransmit_tries: "1" } } });
    const traps: string[] = [];
    pair.moon.control.useTraps(async (connection, name) => void traps.push(`${connection} ${name}`));
    pair.configure({ dpdDelay: 10, children: [usualChild("moon", "net", child)] });
    await pair.establish();
    expectUp(pair);
    return { pair, traps };
  }

  it("has a trap installed when the peer does not answer", async () => {
    const { pair, traps } = await trapping({ dpdAction: "trap" });
    pair.network.fate = () => [];
    await pair.run(20_000, 100);
    expect(pair.moon.ikeSas).toHaveLength(0);
    expect(traps).toEqual(["net net"]);
  });

  it("has a trap installed when the peer closes the CHILD_SA, or the IKE_SA", async () => {
    for (const end of ["terminateChild", "terminateIke"] as const) {
      const { pair, traps } = await trapping({ closeAction: "trap" });
      pair.sun[end]();
      await pair.run();
      expect(pair.moon.children).toHaveLength(0);
      expect(traps).toEqual(["net net"]);
    }
  });
});
