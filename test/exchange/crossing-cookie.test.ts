import { Host } from "@cygnet/plugin-api";
import { NotifyType, parseMessage } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { Pair } from "./end.js";
import type { End } from "./end.js";
import { expectUp } from "./expectations.js";
import type { Flight } from "./memory-network.js";
import { headerOf, labelOf, messageOf } from "./wire-tap.js";

const LATENCY_MS = 1;
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

/** Two of a datagram arrive at an end that is so busy that the job for the first one waits while the second one is looked at. */
function deliverTwice({ shard }: End, { data, source, destination }: Flight): void {
  const packet = () => ({ data: data.slice(), length: data.length, source, destination, release: () => undefined });
  shard.receiver.receive([packet(), packet()], 2);
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
      expect(pair.sun.shard.receiver.counters).toMatchObject({ cookiesSent: 0, blocked: 0 });
    });
  }

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
    expect(pair.sun.shard.receiver.counters.cookiesSent).toBe(2);
    expect(pair.sun.manager.halfOpen.total).toBe(1);
  });
});

describe("a COOKIE that crosses the answer to the request without one", () => {
  /**
   * The network makes two of the first request. The responder is busy, so that it asks for a COOKIE because of the first one, which it has
   * let in but not answered yet; its answer takes a while longer.
   */
  async function withLateAnswer(delayMs: number): Promise<Pair> {
    const pair = wary();
    let isFirst = true;
    pair.network.fate = (flight) => {
      if (isRequest(flight) && isFirst) {
        isFirst = false;
        deliverTwice(pair.sun, flight);
        return [];
      }
      const isLate = isResponse(flight) && !hasCookie(parsed(flight)) && pair.sun.shard.receiver.counters.cookiesSent === 1;
      if (!isLate || requests(pair).length > 1) return [LATENCY_MS];
      return [delayMs];
    };
    pair.moon.initiate("net");
    await pair.run(100, 200);
    expect(pair.sun.shard.receiver.counters.cookiesSent).toBe(1);
    expect(requests(pair).map(hasCookie)).toEqual([false, true]);
    return pair;
  }

  it("makes one IKE_SA, whichever of the answers comes first", async () => {
    for (const delayMs of [1.5, 2.5, 20]) {
      const pair = await withLateAnswer(delayMs);
      expectUp(pair);
      expect(pair.sun.manager.halfOpen.total).toBe(0);
      expect(pair.sun.lines().filter((line) => line.includes("is initiating IKE_SA"))).toHaveLength(1);
    }
  });

  it("makes one IKE_SA also when the request without it comes once more", async () => {
    const pair = await withLateAnswer(2.5);
    pair.network.deliver(pair.network.flights.find(isRequest)!);
    await pair.run(100);
    expect(pair.moon.ikeSas).toHaveLength(1);
  });
});
