import { Host } from "@cygnet/plugin-api";
import {
  IkeFlags,
  IkeHeader,
  NotifyType,
  PayloadType,
  Writer,
  generateMessage,
  makeNotifyPayload,
  parseMessage,
} from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectQuiet, expectUp } from "./expectations.js";
import type { Flight } from "@cygnet/plugin-testkit/pair";
import { headerOf, labelOf, messageOf } from "./wire-tap.js";

const LATENCY_MS = 1;
const RUNS = 150;
const HALF_OPEN_MS = 31_000;
const REQUEST = "IKE_SA_INIT request";
const RESPONSE = "IKE_SA_INIT response";

const isRequest = (flight: Flight): boolean => labelOf(flight).startsWith(REQUEST);
const isResponse = (flight: Flight): boolean => labelOf(flight).startsWith(RESPONSE);

/** The first messages sent, parsed. */
const requests = (pair: Pair): Message[] => pair.network.flights.filter(isRequest).map(parsed);

function parsed(flight: Flight): Message {
  const message = messageOf(flight)!;
  return parseMessage(message, message.length, headerOf(flight)!);
}

const hasCookie = (message: Message): boolean => message.notify(NotifyType.COOKIE) !== undefined;
const spi = ({ header }: Message): string => `${header.spiInitiatorHi}-${header.spiInitiatorLo}`;
const nonce = (message: Message): string => String(message.payload(PayloadType.NONCE)!.data);

/** Two of a datagram arrive at an end that is so busy that the job for the first one waits while the second one is looked at. */
function deliverTwice({ shard }: End, { data, source, destination }: Flight): void {
  const packet = () => ({ data: data.slice(), length: data.length, source, destination, release: () => undefined });
  shard.receiver.receive([packet(), packet()], 2);
}

/** What a responder says that wants a COOKIE or another key exchange method, or anybody who has seen the request. */
function sendBack(request: Flight, type: NotifyType, data: Uint8Array): Flight {
  const header = new IkeHeader().copyFrom(headerOf(request)!);
  header.flags = IkeFlags.RESPONSE;
  const buffer = new Uint8Array(128);
  const length = generateMessage(new Writer(buffer), header, [makeNotifyPayload(type, data)]);
  return { data: buffer.subarray(0, length), source: request.destination, destination: request.source };
}

/** A pair whose responder asks for COOKIEs from the first half-open IKE_SA on. */
function wary(more: Readonly<Record<string, string>> = {}): Pair {
  const pair = new Pair({ sun: { settings: { cookie_threshold: "1", ...more } } });
  pair.configure({}, { remoteAddresses: ["%any"] });
  return pair;
}

describe("a first message that comes again to its half-open IKE_SA", () => {
  for (const [what, settings] of [
    ["while COOKIEs are asked for", { cookie_threshold: "1" }],
    ["beyond the block threshold", { cookie_threshold: "0", cookie_threshold_ip: "0", block_threshold: "1" }],
    ["beyond the limit of half-open IKE_SAs", { dos_protection: "no", init_limit_half_open: "1" }],
  ] as const) {
    it(`is answered again ${what}`, async () => {
      const pair = wary(settings);
      let answers = 0;
      pair.network.fate = (flight) => (isResponse(flight) && answers++ === 0 ? [] : [LATENCY_MS]);
      pair.moon.initiate("net");
      await pair.run(5000, 100);
      expectUp(pair);
      expect(requests(pair)).toHaveLength(2);
      expect(pair.sun.counts).toMatchObject({ cookiesSent: 0, blocked: 0 });
    });
  }

  it("is let in while the first one waits for its turn, and both make one IKE_SA", async () => {
    const pair = wary();
    let isFirst = true;
    pair.network.fate = (flight) => {
      if (!isRequest(flight) || !isFirst) return [LATENCY_MS];
      isFirst = false;
      deliverTwice(pair.sun, flight);
      expect(pair.sun.manager.size).toBe(0);
      return [];
    };
    pair.moon.initiate("net");
    await pair.run();
    expectUp(pair);
    expect(pair.sun.counts.cookiesSent).toBe(0);
    expect(pair.sun.manager.daemonCounts.halfOpen).toBe(0);
  });

  it("is not taken for one that never became an IKE_SA", async () => {
    const pair = wary({ cookie_threshold: "0", ikesa_limit: "1" });
    await leaveHalfOpen(pair);
    pair.moon.initiate("net");
    await pair.run();
    expect(pair.sun.lines()).toContain("ignoring IKE_SA_INIT, hitting IKE_SA limit (1)");
    await pair.run(HALF_OPEN_MS);
    await pair.run(HALF_OPEN_MS);
    expectUp(pair);
  });

  it("is not let in when it comes from somebody else, or differs", async () => {
    const pair = wary();
    pair.network.fate = (flight) => (isResponse(flight) ? [] : [LATENCY_MS]);
    pair.moon.initiate("net");
    await pair.run();
    const request = pair.network.flights.find(isRequest)!;
    const changed = request.data.slice();
    changed[changed.length - 1]! ^= 1;
    pair.network.deliver({ ...request, source: Host.of("192.0.2.1").withPort(501) });
    pair.network.deliver({ ...request, data: changed });
    expect(pair.sun.counts.cookiesSent).toBe(2);
    expect(pair.sun.manager.daemonCounts.halfOpen).toBe(1);
  });
});

describe("a COOKIE that crosses the answer to the request without one", () => {
  /** Two of a request arrive: the responder asks for a COOKIE first, then finds that it does not need one any more. */
  function askThenLetIn(pair: Pair, flight: Flight): void {
    const { context } = pair.sun.shard;
    pair.network.deliver(flight);
    expect(pair.sun.counts.cookiesSent).toBe(1);
    context.options = { ...context.options, dos_protection: false };
    pair.network.deliver(flight);
  }

  /** The network makes two of the first request; the answer to the one that is let in takes so long. */
  async function withLateAnswer(delayMs: number): Promise<Pair> {
    const pair = wary();
    await leaveHalfOpen(pair);
    const before = requests(pair).length;
    pair.network.fate = (flight) => {
      if (isRequest(flight) && requests(pair).length === before + 1) {
        askThenLetIn(pair, flight);
        return [];
      }
      const isLate = isResponse(flight) && !hasCookie(parsed(flight)) && requests(pair).length === before + 1;
      return [isLate ? delayMs : LATENCY_MS];
    };
    pair.moon.initiate("net");
    await pair.run(100, 200);
    expect(requests(pair).slice(before).map(hasCookie)).toEqual([false, true]);
    return pair;
  }

  it("makes one IKE_SA, whichever of the answers comes first", async () => {
    for (const delayMs of [1.5, 2.5, 20]) {
      const pair = await withLateAnswer(delayMs);
      await pair.run(HALF_OPEN_MS);
      expectUp(pair);
      expect(pair.sun.lines().filter((line) => line.startsWith("192.0.2.1 is initiating IKE_SA"))).toHaveLength(1);
    }
  });

  it("makes one IKE_SA also when the request without it comes once more", async () => {
    const pair = await withLateAnswer(2.5);
    pair.network.deliver(pair.network.flights.findLast((flight) => isRequest(flight) && !hasCookie(parsed(flight)))!);
    await pair.run(HALF_OPEN_MS);
    await pair.run(HALF_OPEN_MS);
    expectUp(pair);
  });

  it("has us begin anew under another SPI when we sent that twice, so that the answer finds nobody", async () => {
    // moon                                   sun
    //  IKE_SA_INIT (1)           -- lost
    //  IKE_SA_INIT (1)           -->         two of it arrive
    //                            <--         N(COOKIE)
    //                            late --     SA KE No, to (1)
    //  IKE_SA_INIT (2)           -->
    //                            <--         N(COOKIE)
    //  IKE_SA_INIT (2) N(COOKIE) -->
    const pair = wary();
    await leaveHalfOpen(pair);
    const before = requests(pair).length;
    const { context } = pair.sun.shard;
    pair.network.fate = (flight) => {
      if (isResponse(flight) && !hasCookie(parsed(flight)) && requests(pair).length === before + 2) return [2.5];
      if (!isRequest(flight)) return [LATENCY_MS];
      const count = requests(pair).length - before;
      if (count === 2) askThenLetIn(pair, flight);
      if (count === 3) context.options = { ...context.options, dos_protection: true };
      return count <= 2 ? [] : [LATENCY_MS];
    };
    const operation = pair.moon.initiate("net");
    await pair.run(4100, 8200);
    const sent = requests(pair).slice(before);
    expect(sent.map(hasCookie)).toEqual([false, false, false, true]);
    const [first, again, anew, last] = sent;
    expect([spi(again!), nonce(again!)]).toEqual([spi(first!), nonce(first!)]);
    expect(spi(anew!)).not.toBe(spi(first!));
    expect(nonce(anew!)).not.toBe(nonce(first!));
    expect([spi(last!), nonce(last!)]).toEqual([spi(anew!), nonce(anew!)]);
    expect(pair.moon.lines()).toContain("received COOKIE for one of several requests, beginning anew");
    expect(pair.moon.lines()).toContain("no IKE_SA for IKE_SA_INIT response 0 from 192.0.2.2, ignored");
    expect(operation.result()).toBe("done");
    await pair.run(HALF_OPEN_MS);
    expectUp(pair);
  });

  it("has us begin anew twice at most, then follow it, and give up after five times", async () => {
    const pair = new Pair();
    pair.configure();
    let count = 0;
    pair.network.fate = () => [];
    const operation = pair.moon.initiate("net");
    for (let i = 0; i < 6; i++) {
      // Two of each, so that no COOKIE is clear.
      await pair.run(4100);
      expect(operation.result()).toBeUndefined();
      pair.network.deliver(sendBack(pair.network.flights.at(-1)!, NotifyType.COOKIE, Uint8Array.of(++count)));
    }
    await pair.run();
    const sent = requests(pair).filter((_, i) => i % 2 === 0);
    expect(sent.map(hasCookie)).toEqual([false, false, false, true, true, true]);
    expect(new Set(sent.map(spi)).size).toBe(3);
    expect(pair.moon.lines()).toContain("giving up, the peer sent us back 5 times");
    expect(operation.result()).toBe("failed");
    expectQuiet(pair.moon);
  });
});

describe("an answer that sends us back for what we have done already", () => {
  it("is ignored, as the answer to the next request is still to come", async () => {
    for (const [proposals, type] of [
      ["aes128-sha1-modp768", NotifyType.COOKIE],
      ["aes128-sha1-x25519-modp768", NotifyType.INVALID_KE_PAYLOAD],
    ] as const) {
      const pair = new Pair({ sun: { settings: { cookie_threshold: type === NotifyType.COOKIE ? "1" : "0" } } });
      pair.configure({ proposals: [proposals] }, { remoteAddresses: ["%any"] });
      if (type === NotifyType.COOKIE) await leaveHalfOpen(pair);
      pair.network.fate = (flight) => {
        if (!isResponse(flight)) return [LATENCY_MS];
        return parsed(flight).notify(type) ? [1, 1, 3] : [10];
      };
      const before = requests(pair).length;
      const operation = pair.moon.initiate("net");
      await pair.run(100, 100);
      expect(operation.result()).toBe("done");
      expect(requests(pair)).toHaveLength(before + 2);
      expect(
        pair.moon.lines().filter((line) => line === "received IKE_SA_INIT response to an earlier request, ignored"),
      ).toHaveLength(2);
      await pair.run(HALF_OPEN_MS);
      expectUp(pair);
    }
  });

  it("ends the set-up when it wants the method that we proposed at first", async () => {
    const pair = new Pair();
    pair.configure();
    pair.network.fate = () => [];
    const operation = pair.moon.initiate("net");
    await pair.run();
    pair.network.deliver(sendBack(pair.network.flights[0]!, NotifyType.INVALID_KE_PAYLOAD, Uint8Array.of(0, 1)));
    await pair.run();
    expect(operation.result()).toBe("failed");
    expectQuiet(pair.moon);
  });
});

/** A first message of somebody who will not go on. */
async function leaveHalfOpen(pair: Pair): Promise<void> {
  const other = new Pair();
  other.configure();
  other.moon.initiate("net");
  await other.run(0.5, 1);
  pair.network.send({ ...other.network.flights[0]!, source: Host.of("198.51.100.1").withPort(500) });
  await pair.run(10);
  expect(pair.sun.manager.daemonCounts.halfOpen).toBe(1);
}

describe("a network that loses, repeats and reorders datagrams while COOKIEs are asked for", () => {
  const fate = fc.oneof(
    { weight: 4, arbitrary: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant<number[]>([]) },
  );

  it("never makes a set-up fail that is not given up for want of answers", async () => {
    let cookies = 0;
    const property = fc.asyncProperty(fc.array(fate, { minLength: 5, maxLength: 30 }), fc.nat(999), async (fates, offset) => {
      const pair = wary();
      await leaveHalfOpen(pair);
      // COOKIEs change with each second.
      await pair.run(offset, 1);
      let count = 0;
      pair.network.fate = () => fates[count++] ?? [LATENCY_MS];
      const operation = pair.moon.initiate("net");
      await pair.run(200_000, 400);
      const isGivenUp = pair.moon.lines().some((line) => line.startsWith("giving up after"));
      expect(operation.result()).toBe(isGivenUp ? "failed" : "done");
      expectAgreed(pair);
      cookies += pair.sun.counts.cookiesSent;
    });
    await fc.assert(property, { seed: 20261125, numRuns: RUNS });
    expect(cookies).toBeGreaterThan(RUNS);
  });
});
