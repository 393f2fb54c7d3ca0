import { Host, JobPriority } from "@cygnet/plugin-api";
import { IKE_HEADER_BYTES } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";
import { headerOf, labelOf } from "./wire-tap.js";

/** Sends `count` first messages that nobody will go on with, from one address or from many, and returns the labels of the answers. */
async function flood(pair: Pair, count: number, address: (i: number) => string): Promise<string[]> {
  const template = await firstMessage();
  const before = pair.network.flights.length;
  for (let i = 0; i < count; i++) {
    const data = template.slice();
    data[0] = 0x55;
    data[1] = i >> 8;
    data[2] = i;
    pair.network.send({ data, source: Host.of(address(i)).withPort(500), destination: Host.of("192.0.2.2").withPort(500) });
  }
  await pair.run();
  return pair.network.flights
    .slice(before)
    .filter(({ source }) => source.toString() === "192.0.2.2")
    .map(labelOf);
}

async function firstMessage(): Promise<Uint8Array> {
  const pair = new Pair();
  pair.configure();
  await pair.establish();
  return pair.network.flights[0]!.data;
}

/** A pair whose responder takes first messages from everybody. */
function open(settings: Readonly<Record<string, string>>): Pair {
  const pair = new Pair({ sun: { settings } });
  pair.configure({}, { remoteAddresses: ["%any"] });
  return pair;
}

const many = (i: number): string => `198.51.${100 + (i >> 8)}.${i & 0xff}`;
const one = (): string => "198.51.100.1";

describe("half-open IKE_SAs", () => {
  it("are answered with COOKIEs from cookie_threshold on, and who returns one gets in", async () => {
    const pair = open({ cookie_threshold: "10" });
    await flood(pair, 10, many);
    expect(pair.sun.manager.daemonCounts.halfOpen).toBe(10);
    expect(pair.sun.counts.cookiesSent).toBe(0);
    // moon                            sun
    //  IKE_SA_INIT             -->
    //                          <--    N(COOKIE)
    //  IKE_SA_INIT N(COOKIE)   -->
    const operation = pair.moon.initiate("net");
    await pair.run();
    expect(operation.result()).toBe("done");
    expect(pair.moon.lines()).toContain("parsed IKE_SA_INIT response 0 [ N(COOKIE) ]");
    expect(pair.moon.lines()).toContain(
      "generating IKE_SA_INIT request 0 [ N(COOKIE) SA KE No N(NATD_S_IP) N(NATD_D_IP) N(FRAG_SUP) N(REDIR_SUP) ]",
    );
    expect(pair.sun.counts.cookiesSent).toBe(1);
    const [request, , again] = pair.network.flights.slice(-6);
    // The same as before behind the COOKIE: RFC 7296 section 2.6.
    expect([...again!.data.subarray(-(request!.data.length - 28))]).toEqual([...request!.data.subarray(28)]);
    expect(pair.sun.manager.daemonCounts.halfOpen).toBe(10);
    // All time out; nothing is left of them.
    await pair.run(31_000);
    expectUp(pair);
    expect(pair.sun.lines().filter((line) => line.startsWith("deleting half open IKE_SA "))).toHaveLength(10);
  });

  it("of one address are answered with COOKIEs from cookie_threshold_ip on, and go on to be for 10 seconds", async () => {
    const pair = open({ cookie_threshold_ip: "3", block_threshold: "0" });
    const answers = await flood(pair, 5, one);
    expect(answers).toHaveLength(5);
    expect(pair.sun.manager.daemonCounts.halfOpenOf(Host.of("198.51.100.1"))).toBe(3);
    expect(pair.sun.counts.cookiesSent).toBe(2);
    // Another address in another bucket is not concerned.
    expect((await flood(pair, 1, () => "203.0.113.2")).length).toBe(1);
    expect(pair.sun.counts.cookiesSent).toBe(2);
  });

  it("of one address are dropped from block_threshold on", async () => {
    const pair = open({ cookie_threshold_ip: "0", cookie_threshold: "0", block_threshold: "5" });
    const answers = await flood(pair, 8, one);
    expect(answers).toHaveLength(5);
    expect(pair.sun.lines().at(-1)).toBe("ignoring IKE_SA setup from 198.51.100.1, per-IP half-open IKE_SA limit of 5 reached");
    expect(pair.sun.counts.blocked).toBe(3);
  });

  it("are dropped from init_limit_half_open on", async () => {
    const pair = open({ dos_protection: "no", init_limit_half_open: "4" });
    expect(await flood(pair, 6, many)).toHaveLength(4);
    expect(pair.sun.lines()).toContain("ignoring IKE_SA setup from 198.51.100.4, half-open IKE_SA limit of 4 reached");
  });

  it("are dropped when more than init_limit_job_load jobs wait", async () => {
    const pair = open({ dos_protection: "no", init_limit_job_load: "2" });
    for (let i = 0; i < 4; i++) pair.sun.processor.queue({ name: "load", priority: 3, execute: () => undefined });
    const template = await firstMessage();
    // The receiver alone, before the processor gets a turn.
    const packet = {
      data: template,
      length: template.length,
      source: Host.of("192.0.2.1", 500),
      destination: Host.of("192.0.2.2", 500),
      release: () => undefined,
    };
    pair.sun.shard.receiver.receive([packet], 1);
    expect(pair.sun.lines()).toContain("ignoring IKE_SA setup from 192.0.2.1, job load of 4 exceeds limit of 2");
  });

  it("are ignored altogether beyond ikesa_limit and with initiator_only", async () => {
    const limited = open({ dos_protection: "no", ikesa_limit: "2" });
    expect(await flood(limited, 3, many)).toHaveLength(2);
    expect(limited.sun.lines()).toContain("ignoring IKE_SA_INIT, hitting IKE_SA limit (2)");
    expect(limited.sun.manager.daemonCounts.halfOpen).toBe(2);
    const closed = open({ initiator_only: "yes" });
    expect(await flood(closed, 3, many)).toEqual([]);
    expect(closed.sun.manager.size).toBe(0);
  });

  it("are not counted for ever when the initiator's address changes before it authenticates", async () => {
    const pair = new Pair();
    pair.configure({}, { remoteAddresses: ["%any"] });
    // A NAT that gives the IKE_AUTH another address.
    pair.network.translate = (flight) => {
      const outside = Host.of("203.0.113.9");
      if (flight.source.toString() === "192.0.2.1" && headerOf(flight)?.messageId === 1)
        return { ...flight, source: outside.withPort(flight.source.port) };
      if (flight.destination.sameAddress(outside))
        return { ...flight, destination: Host.of("192.0.2.1").withPort(flight.destination.port) };
      return flight;
    };
    await pair.establish();
    expectUp(pair);
    expect(pair.sun.ikeSas[0]!.remote.toString()).toBe("203.0.113.9");
    expect(pair.sun.manager.daemonCounts.halfOpenOf(Host.of("192.0.2.1"))).toBe(0);
    expect(pair.sun.manager.daemonCounts.halfOpen).toBe(0);
  });

  it("are found again by a first message that comes twice", async () => {
    const pair = new Pair();
    pair.configure();
    pair.network.fate = (flight) => (labelOf(flight) === "IKE_SA_INIT request 0 from 192.0.2.1" ? [1, 1, 2] : [3]);
    await pair.establish();
    expectUp(pair);
    expect(
      pair.sun.lines().filter((line) => line === "received retransmit of request with ID 0, retransmitting response"),
    ).toHaveLength(2);
  });
});

describe("a first message", () => {
  it("waits while many handshakes wait to be finished, without holding a packet of the socket, and is served then", async () => {
    const pair = new Pair();
    pair.configure();
    const { sun } = pair;
    const { firstMessages } = sun.shard.receiver;
    let ran = 0;
    let held = 0;
    pair.network.fate = (flight) => {
      if (flight !== pair.network.flights[0]) return [1];
      const execute = (): void => {
        ran++;
        held = Math.max(held, firstMessages.held);
      };
      for (let i = 0; i < 20; i++) sun.processor.queue({ name: "auth", priority: JobPriority.LOW, execute });
      pair.network.deliver(flight);
      return [];
    };
    pair.moon.initiate("net");
    await pair.run();
    expect([held, ran, firstMessages.held]).toEqual([1, 20, 0]);
    expectUp(pair);
    expect(sun.manager.daemonCounts.halfOpen).toBe(0);
  });
});

describe("an answer without an IKE_SA", () => {
  it("is never larger than the request: a first message that is smaller than a COOKIE is none", async () => {
    const pair = new Pair({ sun: { settings: { cookie_threshold: "1" } } });
    pair.configure();
    await pair.establish();
    const first = pair.network.flights[0]!;
    for (let length = IKE_HEADER_BYTES; length < first.data.length; length++) {
      const data = first.data.slice(0, length);
      data[1]! ^= length;
      data[26] = length >> 8;
      data[27] = length;
      const before = pair.network.flights.length;
      pair.network.send({ ...first, data });
      await pair.run(5, 5);
      for (const answer of pair.network.flights.slice(before + 1)) expect(answer.data.length).toBeLessThanOrEqual(length);
    }
    const { malformed, cookiesSent } = pair.sun.counts;
    expect(malformed).toBeGreaterThan(0);
    expect(malformed + cookiesSent).toBe(first.data.length - IKE_HEADER_BYTES);
    expect(pair.sun.manager.daemonCounts.halfOpen).toBe(0);
    expectUp(pair);
  });
});

describe("interfaces that are not to be used", () => {
  it("get no answer", async () => {
    const pair = new Pair({ sun: { interfaces: { has: () => false } } });
    pair.configure();
    await pair.establish();
    expect(pair.network.flights.filter(({ source }) => source.toString() === "192.0.2.2")).toEqual([]);
    expect(pair.sun.ikeSas).toEqual([]);
    expect(pair.sun.counts.ignoredInterface).toBe(1);
    expect(pair.sun.lines(2)).toContain("received packet from 192.0.2.1 to 192.0.2.2 on ignored interface, dropped");
  });

  it("do not matter to the others", async () => {
    const pair = new Pair({ sun: { interfaces: { has: (address) => address.toString() === "192.0.2.2" } } });
    pair.configure();
    await pair.establish();
    expectUp(pair);
  });
});

describe("a heap that is nearly full", () => {
  it("lets no new IKE_SAs in, with one line, and keeps those that are up; until there is room again", async () => {
    let used = 100;
    const pair = new Pair({ sun: { heapUse: () => ({ used: used * 2 ** 20, limit: 1000 * 2 ** 20 }) } });
    pair.configure({ dpdDelay: 30 }, { remoteAddresses: ["%any"] });
    await pair.establish();
    const sendsFor = async (ms: number): Promise<number> => {
      const before = pair.network.flights.length;
      await pair.run(ms, 100);
      return pair.network.flights.length - before;
    };
    used = 950;
    // A liveness check, whose turn sees it.
    expect(await sendsFor(40_000)).toBeGreaterThan(0);
    const blocked = pair.sun.counts.blocked;
    expect(await flood(pair, 20, many)).toEqual([]);
    expect(pair.sun.counts.blocked).toBe(blocked + 20);
    expect(await sendsFor(40_000)).toBeGreaterThan(0);
    expectUp(pair, 1);
    // It is not let in and out again with each octet.
    used = 850;
    await sendsFor(40_000);
    expect(await flood(pair, 1, many)).toEqual([]);
    used = 700;
    await sendsFor(40_000);
    expect(await flood(pair, 1, () => "198.51.100.77")).toHaveLength(1);
    expect(pair.sun.lines().filter((line) => line.includes("heap"))).toEqual([
      "the daemon uses 950 of 1000 MiB of heap, no new IKE_SAs are accepted",
      "the daemon uses 700 of 1000 MiB of heap, new IKE_SAs are accepted again",
    ]);
  });
});
