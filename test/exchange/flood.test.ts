import { Host, JobPriority } from "@cygnet/plugin-api";
import { describe, expect, it } from "vitest";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectUp } from "./expectations.js";
import type { Flight } from "@cygnet/plugin-testkit/pair";

/** On their way at a time: the network of the test keeps them in order. */
const AT_A_TIME = 200;

const many = (i: number): Host => Host.of(`10.${i >> 16}.${(i >> 8) & 0xff}.${i & 0xff}`).withPort(500);
const sun = Host.of("192.0.2.2").withPort(500);

async function firstMessage(): Promise<Uint8Array> {
  const pair = new Pair();
  pair.configure();
  await pair.establish();
  return pair.network.flights[0]!.data;
}

function numbered(template: Uint8Array, i: number): Flight {
  const data = template.slice();
  data.set([0x55, i >> 16, i >> 8, i]);
  return { data, source: many(i), destination: sun };
}

/** First messages of a flood, numbered from `from` on, each from an address and with an SPI of its own. */
async function flood(pair: Pair, from: number, count: number): Promise<void> {
  const template = await firstMessage();
  for (let i = from; i < from + count; i++) {
    pair.network.send(numbered(template, i));
    if (i % AT_A_TIME !== 0) continue;
    await pair.run();
    pair.network.flights.length = 0;
  }
  await pair.run();
}

/** Whatever could grow with a flood, at the responder. */
function remains({ sun: end }: Pair) {
  const { manager, processor, shard } = end;
  return {
    ikeSas: manager.size,
    connecting: manager.connecting,
    begun: manager.begun,
    halfOpen: manager.daemonCounts.halfOpen,
    closed: manager.closedResponses.size,
    held: shard.receiver.firstMessages.held,
    queued: [JobPriority.CRITICAL, JobPriority.HIGH, JobPriority.MEDIUM, JobPriority.LOW].map((each) => processor.queued(each)),
    timers: end.timers,
  };
}

function open(settings: Readonly<Record<string, string>>): Pair {
  const pair = new Pair({ sun: { settings, logLevel: -1 } });
  pair.configure({}, { remoteAddresses: ["%any"] });
  return pair;
}

describe("a flood of first messages from spoofed addresses", () => {
  it("of 20,000 with COOKIEs leaves nothing behind, and lets an honest client in", async () => {
    const pair = open({});
    const before = remains(pair);
    await flood(pair, 0, 10_000);
    const operation = pair.moon.initiate("net");
    await flood(pair, 10_000, 10_000);
    expect(operation.result()).toBe("done");
    expect(pair.sun.counts.cookiesSent).toBeGreaterThan(19_900);
    // Half-open IKE_SAs end after 30 seconds.
    await pair.run(31_000);
    expectUp(pair);
    pair.sun.terminateIke();
    await pair.run(1000);
    expect(remains(pair)).toEqual(before);
  });

  it("of those that get no COOKIE leaves nothing behind either", async () => {
    const pair = open({ dos_protection: "no" });
    const before = remains(pair);
    await flood(pair, 0, 1000);
    expect(remains(pair)).toMatchObject({ ikeSas: 1000, begun: 1000, halfOpen: 1000, held: 0 });
    await pair.run(31_000);
    expect(remains(pair)).toEqual(before);
  });

  it("beyond a limit leaves no more than what was let in", async () => {
    const pair = open({ dos_protection: "no", init_limit_half_open: "10" });
    const before = remains(pair);
    await flood(pair, 0, 5000);
    expect(remains(pair)).toMatchObject({ ikeSas: 10, begun: 10, halfOpen: 10, held: 0 });
    expect(pair.sun.counts.blocked).toBe(4990);
    await pair.run(31_000);
    expect(remains(pair)).toEqual(before);
  });
});

describe("the room that a socket is told there is for first messages", () => {
  /** Delivers so many at once. */
  async function burst(pair: Pair, count: number): Promise<void> {
    const template = await firstMessage();
    pair.sun.socket.acceptAll(Array.from({ length: count }, (_, i) => numbered(template, i)));
  }

  it("is that of the queue, as long as they are answered", async () => {
    const pair = open({ dos_protection: "no" });
    await burst(pair, 20);
    expect(pair.sun.socket.room).toEqual({ plain: 16_384, withCookie: 16_384 });
  });

  it("is small for those without a COOKIE as long as there are many of them", async () => {
    const pair = open({ cookie_threshold: "1" });
    await burst(pair, 40);
    expect(pair.sun.counts.cookiesSent).toBe(39);
    expect(pair.sun.socket.room).toEqual({ plain: 224, withCookie: 16_384 });
    await pair.run(50);
    expect(pair.sun.socket.room).toEqual({ plain: 224, withCookie: 16_384 });
    await pair.run(100);
    await burst(pair, 20);
    expect(pair.sun.socket.room).toEqual({ plain: 16_384, withCookie: 16_384 });
  });

  it("is small for all of them while they are refused, and smaller while there is other work", async () => {
    const pair = open({ dos_protection: "no", init_limit_half_open: "1" });
    await burst(pair, 40);
    expect(pair.sun.counts.blocked).toBe(39);
    expect(pair.sun.socket.room).toEqual({ plain: 224, withCookie: 224 });
    // More work than a turn has time for.
    let work = 2;
    const execute = (): "fair" | undefined => {
      pair.clock.advance(1001);
      return --work > 0 ? "fair" : undefined;
    };
    pair.sun.processor.queue({ name: "work", priority: JobPriority.HIGH, execute });
    await burst(pair, 40);
    expect(pair.sun.socket.room).toEqual({ plain: 32, withCookie: 32 });
  });
});

describe("a first message that waits for its turn", () => {
  it("is not queued again when it is repeated, unless it is another one", async () => {
    const pair = open({ dos_protection: "no" });
    const template = await firstMessage();
    const all = Array.from({ length: 30 }, (_, i) => numbered(template, i));
    const repeated = numbered(template, 29);
    const other = numbered(template, 28);
    // In its public value.
    other.data[150]! ^= 1;
    pair.sun.socket.acceptAll([...all, repeated, other]);
    expect(pair.sun.counts.replayed).toBe(1);
    await pair.run();
    expect(remains(pair)).toMatchObject({ ikeSas: 31, halfOpen: 31, held: 0 });
    expect(pair.sun.socket.held).toBe(0);
    await pair.run(31_000);
    expect(remains(pair)).toMatchObject({ ikeSas: 0, begun: 0, halfOpen: 0 });
  });
});
