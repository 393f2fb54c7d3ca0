import type { IkeSa } from "@cygnet/ike";
import { Host, authRound } from "@cygnet/plugin-api";
import { ExchangeType, IKE_HEADER_BYTES, PayloadType } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { OutgoingMessage } from "../../core/ike/src/sa/ikev2/outgoing-message.js";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectEmpty, expectUp } from "./expectations.js";
import type { Flight } from "@cygnet/plugin-testkit/pair";
import { headerOf, labelOf } from "./wire-tap.js";

const LATENCY_MS = 1;
const MARKER_BYTES = 4;
/** The last octet of the message's length in an IKE header. */
const MESSAGE_LENGTH_AT = 27;

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

  it("is sent again when it refuses a request that makes no sense", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    const [ikeSa] = pair.moon.ikeSas;
    const { codec } = pair.moon.shard.context;
    // A DELETE that is cut off, as only the peer can send it.
    const message = new OutgoingMessage(ExchangeType.INFORMATIONAL, false, 2);
    message.add({ type: PayloadType.UNKNOWN, payloadType: PayloadType.DELETE, critical: false, body: Uint8Array.of(1) });
    const [datagram] = codec.generate(ikeSa!, message);
    const flight = {
      data: datagram!.subarray(MARKER_BYTES),
      source: Host.of("192.0.2.1").withPort(500),
      destination: Host.of("192.0.2.2").withPort(500),
    };
    for (let i = 0; i < 2; i++) {
      pair.network.deliver(flight);
      await pair.run();
      expectEmpty(pair.sun);
      expect(responses(pair, 2)).toHaveLength(i + 1);
    }
    expect(pair.sun.lines()).toContain("generating INFORMATIONAL response 2 [ N(INVAL_SYN) ]");
  });

  it("is sent once for each repetition of a request in fragments", async () => {
    const id = `${"moon-with-a-very-long-name-".repeat(30)}example.org`;
    const settings = { fragment_size: "576" };
    const pair = new Pair({ moon: { settings }, sun: { settings } });
    pair.configure({ local: [authRound({ auth: "psk", id })] }, { remote: [authRound({ auth: "psk", id })] });
    pair.sun.secret("another", "moon", "sun");
    lose(pair, "IKE_AUTH response");
    pair.moon.initiate("net");
    await pair.run(100);
    expectEmpty(pair.sun);
    await pair.run(4100);
    expect(pair.network.flights.filter((flight) => labelOf(flight).startsWith("IKE_AUTH request"))).toHaveLength(6);
    expect(responses(pair, 1)).toHaveLength(2);
    expectEmpty(pair.moon);
  });

  /** A pair whose IKE_SA is gone, and the request that ended it. */
  async function closed(proposal = "aes128-sha1-modp768"): Promise<{ pair: Pair; request: Flight; answers: () => Flight[] }> {
    const pair = new Pair();
    pair.configure({ proposals: [proposal] }, { proposals: [proposal] });
    await pair.establish();
    pair.moon.terminateIke();
    await pair.run();
    for (const end of pair.ends) expectEmpty(end);
    const request = pair.network.flights.findLast((flight) => labelOf(flight).startsWith("INFORMATIONAL request 2"))!;
    const before = pair.network.flights.length;
    return { pair, request, answers: () => pair.network.flights.slice(before) };
  }

  it.each(["aes128-sha1-modp768", "aes128gcm16-prfsha256-x25519"])(
    "is no answer to a request with another header or checksum, nor to a part of it (%s)",
    async (proposal) => {
      const { pair, request, answers } = await closed(proposal);
      const { length } = request.data;
      const CHECKSUM_BYTES = 12;
      for (let at = 0; at < length; at++) {
        if (at >= IKE_HEADER_BYTES && at < length - CHECKSUM_BYTES) continue;
        const data = request.data.slice();
        data[at]! ^= 1;
        pair.network.deliver({ ...request, data });
      }
      const short = request.data.slice(0, IKE_HEADER_BYTES);
      short[MESSAGE_LENGTH_AT] = short.length;
      pair.network.deliver({ ...request, data: short });
      await pair.run();
      expect(answers()).toEqual([]);
      pair.network.deliver(request);
      await pair.run();
      expect(answers()).toHaveLength(1);
    },
  );

  it("goes to the peer alone, wherever the request is replayed from", async () => {
    const { pair, request, answers } = await closed();
    pair.network.deliver({ ...request, source: Host.of("198.51.100.7").withPort(500) });
    await pair.run();
    expect(answers().map(({ destination }) => destination.toString())).toEqual(["192.0.2.1"]);
    expect(answers()[0]!.data.length).toBeLessThanOrEqual(request.data.length);
  });

  it("is not given for ever, however often it is asked for, nor after the last retransmission of a peer", async () => {
    const flooded = await closed();
    for (let i = 0; i < 100; i++) flooded.pair.network.deliver(flooded.request);
    await flooded.pair.run();
    expect(flooded.answers()).toHaveLength(32);
    const late = await closed();
    await late.pair.run(90_000);
    late.pair.network.deliver(late.request);
    await late.pair.run();
    expect(late.answers()).toHaveLength(1);
    await late.pair.run(10_000);
    late.pair.network.deliver(late.request);
    await late.pair.run();
    expect(late.answers()).toHaveLength(1);
  });

  it("of the IKE_SA that was closed first is forgotten when there are too many, and those that are too old are", async () => {
    const { pair, request, answers } = await closed();
    const { manager } = pair.sun;
    const [ikeSa] = await established(pair);
    const remember = (count: number): void => {
      for (let i = 0; i < count; i++) {
        const other = Object.create(ikeSa!, { ownSpiLo: { value: i } }) as IkeSa;
        manager.closedResponses.remember(other, new Uint8Array(76), [new Uint8Array(80)]);
      }
    };
    remember(8191);
    expect(manager.closedResponses.size).toBe(8192);
    pair.network.deliver(request);
    await pair.run();
    expect(answers().filter((flight) => headerOf(flight)?.messageId === 2)).toHaveLength(1);
    remember(8192);
    expect(manager.closedResponses.size).toBe(8192);
    pair.network.deliver(request);
    await pair.run();
    expect(answers().filter((flight) => headerOf(flight)?.messageId === 2)).toHaveLength(1);
    await pair.run(100_000);
    remember(1);
    expect(manager.closedResponses.size).toBe(1);
  });
});

async function established(pair: Pair): Promise<IkeSa[]> {
  await pair.establish();
  expectUp(pair);
  return pair.sun.ikeSas;
}
