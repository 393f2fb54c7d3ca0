import { describe, expect, it } from "vitest";
import { Pair } from "./end.js";
import { expectEmpty, expectUp } from "./expectations.js";
import type { Flight } from "./memory-network.js";
import { headerOf, labelOf } from "./wire-tap.js";

const LATENCY_MS = 1;
/** The last octet of the message id in an IKE header. */
const MESSAGE_ID_AT = 23;

/** Loses the first datagram whose label begins so. */
function lose(pair: Pair, label: string): void {
  let lost = false;
  pair.network.fate = (flight) => {
    if (lost || !labelOf(flight).startsWith(label)) return [LATENCY_MS];
    lost = true;
    return [];
  };
}

const responses = (pair: Pair, messageId: number): Flight[] =>
  pair.network.flights.filter((flight) => headerOf(flight)?.isResponse && headerOf(flight)?.messageId === messageId);

describe("an answer that ends an IKE_SA", () => {
  it("is sent again, octet for octet, to who asks again", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    lose(pair, "INFORMATIONAL response 2");
    const operation = pair.moon.terminateIke();
    await pair.run(100);
    expectEmpty(pair.sun);
    expect(operation.result()).toBeUndefined();
    await pair.run(4100);
    const [first, second, ...more] = responses(pair, 2);
    expect(second!.data).toEqual(first!.data);
    expect(more).toEqual([]);
    expect(pair.sun.lines()).toContain("received retransmit of request with ID 2, retransmitting response");
    expectEmpty(pair.moon);
    expect(operation.result()).toBeDefined();
  });

  it("is sent again when it refuses to authenticate", async () => {
    const pair = new Pair();
    pair.configure();
    pair.sun.secret("another", "moon", "sun");
    lose(pair, "IKE_AUTH response");
    pair.moon.initiate("net");
    await pair.run(100);
    expectEmpty(pair.sun);
    await pair.run(4100);
    expect(pair.moon.lines()).toContain("received AUTHENTICATION_FAILED notify error");
    expectEmpty(pair.moon);
  });

  it("is no answer to another message, nor after a minute", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    pair.moon.terminateIke();
    await pair.run(100);
    const request = pair.network.flights.findLast((flight) => labelOf(flight).startsWith("INFORMATIONAL request 2"))!;
    const count = pair.network.flights.length;
    const changed = { ...request, data: request.data.slice() };
    changed.data[MESSAGE_ID_AT]! ^= 1;
    pair.network.deliver(changed);
    await pair.run(100);
    expect(pair.network.flights).toHaveLength(count);
    pair.network.deliver(request);
    await pair.run(100);
    expect(pair.network.flights).toHaveLength(count + 1);
    await pair.run(61_000);
    pair.network.deliver(request);
    await pair.run(100);
    expect(pair.network.flights).toHaveLength(count + 1);
  });
});

describe("an IKE_SA_INIT that is answered twice", () => {
  /** The answer to the first request is late: the second one, which the initiator is told to send with a COOKIE, overtakes it. */
  async function withLateAnswer(delayMs: number): Promise<Pair> {
    const pair = new Pair({ sun: { settings: { cookie_threshold: "1" } } });
    pair.configure();
    let answers = 0;
    pair.network.fate = (flight) => {
      if (!labelOf(flight).startsWith("IKE_SA_INIT response")) return [LATENCY_MS];
      return answers++ === 0 ? [delayMs] : [LATENCY_MS];
    };
    pair.moon.initiate("net");
    await pair.run(4500, 900);
    return pair;
  }

  it("sets up one IKE_SA when the late answer comes first", async () => {
    const pair = await withLateAnswer(4003);
    expect(pair.sun.shard.receiver.counters.cookiesSent).toBe(1);
    expect(pair.network.flights.filter((flight) => labelOf(flight).startsWith("IKE_SA_INIT request"))).toHaveLength(3);
    expectUp(pair);
    expect(pair.sun.manager.halfOpen.total).toBe(0);
  });

  it("sets up one IKE_SA when the late answer comes last", async () => {
    const pair = await withLateAnswer(4300);
    expectUp(pair);
    expect(pair.sun.manager.halfOpen.total).toBe(0);
  });

  it("sets up one IKE_SA when the request without the COOKIE comes once more", async () => {
    const pair = await withLateAnswer(4003);
    const first = pair.network.flights.find((flight) => labelOf(flight).startsWith("IKE_SA_INIT request"))!;
    pair.network.deliver(first);
    await pair.run(100);
    expect(pair.moon.ikeSas).toHaveLength(1);
  });
});
