import { ExchangeType, IKE_HEADER_BYTES, NotifyType, PayloadType, ProtocolId } from "@cygnet/wire";
import type { Payload } from "@cygnet/wire";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { established, raw, sendAs } from "./attacks.js";
import { Pair } from "@cygnet/plugin-testkit/pair";
import type { End } from "@cygnet/plugin-testkit/pair";
import { expectAgreed, expectQuiet, expectUp } from "./expectations.js";
import type { Flight } from "@cygnet/plugin-testkit/pair";
import { labelOf } from "./wire-tap.js";

const RUNS = 150;
const SEED = 20260511;
const MARKER_BYTES = 4;

const deleteOf = (protocol: number, spis: readonly Uint8Array[]): Payload => ({ type: PayloadType.DELETE, protocol, spis });

/** A change to a datagram on its way. */
const mutation = fc.oneof(
  fc.record({
    kind: fc.constant("flip" as const),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    bit: fc.nat(7),
  }),
  fc.record({ kind: fc.constant("header" as const), at: fc.nat(IKE_HEADER_BYTES - 1), bit: fc.nat(7) }),
  fc.record({
    kind: fc.constant("cut" as const),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    bit: fc.nat(7),
  }),
  fc.record({ kind: fc.constant("extend" as const), at: fc.nat(40), bit: fc.nat(7) }),
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutate(flight: Flight, { kind, at, bit }: Mutation): Flight {
  const data = flight.data.slice();
  const offset = flight.destination.port === 4500 ? MARKER_BYTES : 0;
  switch (kind) {
    case "flip":
      data[Math.floor(at * data.length)]! ^= 1 << bit;
      return { ...flight, data };
    case "header":
      data[offset + at]! ^= 1 << bit;
      return { ...flight, data };
    case "cut":
      return { ...flight, data: data.subarray(0, Math.floor(at * data.length)) };
    case "extend": {
      const longer = new Uint8Array(data.length + at);
      longer.set(data);
      return { ...flight, data: longer };
    }
  }
}

/** Has every `every`th datagram arrive mutated, instead of or beside the right one. */
function interfere(pair: Pair, mutations: readonly Mutation[], isInstead: boolean): void {
  let count = 0;
  pair.network.fate = (flight, index) => {
    if (count < mutations.length) {
      const changed = mutate(flight, mutations[count++]!);
      pair.clock.timer(() => pair.network.deliver(changed)).arm(1);
      return isInstead ? [] : [2];
    }
    return index >= 0 ? [1] : [];
  };
}

describe("mutated datagrams", () => {
  it("never make a set-up throw or leave the ends in disagreement", async () => {
    const property = fc.asyncProperty(
      fc.array(mutation, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      async (mutations, isInstead) => {
        const pair = new Pair();
        pair.configure({ dpdDelay: 30 }, { dpdDelay: 30 });
        interfere(pair, mutations, isInstead);
        await pair.establish();
        await pair.run(420_000, 60);
        expectAgreed(pair);
        for (const end of pair.ends) expect(end.processor.failures).toBe(0);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it("never harm an established IKE_SA, whatever is under way", async () => {
    const actions = [(end: End) => void end.rekeyChild(), (end: End) => void end.rekeyIke()] as const;
    const property = fc.asyncProperty(
      // Fewer than a request is sent at all.
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom(...actions),
      fc.constantFrom("moon" as const, "sun" as const),
      async (mutations, isInstead, act, who) => {
        const pair = await established();
        interfere(pair, mutations, isInstead);
        act(pair[who]);
        await pair.run(200_000, 40);
        expectUp(pair);
        for (const end of pair.ends) expect(end.processor.failures).toBe(0);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });
});

describe("what is not from the peer", () => {
  it("has no effect when it is replayed: the response comes again, and nothing else", async () => {
    const pair = await established();
    pair.moon.rekeyChild();
    await pair.run(10_000);
    const recorded = [...pair.network.flights];
    const before = JSON.stringify(pair.ends.map((end) => [end.ikeSas.map(({ state }) => state), [...end.kernel.sas]]));
    for (const flight of recorded) pair.network.send(flight);
    await pair.run(31_000);
    expect(JSON.stringify(pair.ends.map((end) => [end.ikeSas.map(({ state }) => state), [...end.kernel.sas]]))).toBe(before);
    expectUp(pair);
  });

  it("leaves nothing behind when a first message has another message id, or no responder flag", async () => {
    const pair = new Pair();
    pair.configure();
    await pair.establish();
    const first = pair.network.flights[0]!;
    for (const [at, value] of [
      [23, 1],
      [19, 0],
    ] as const) {
      const data = first.data.slice();
      data[0]! ^= 0x11;
      data[at] = value;
      pair.network.send({ ...first, data });
    }
    await pair.run();
    expectUp(pair);
    expect(pair.sun.timers).toBe(0);
  });

  it("does not end a set-up by a first response that names no SPI, or has an unknown critical payload", async () => {
    const pair = new Pair();
    pair.configure();
    pair.network.fate = (flight) => {
      if (labelOf(flight) !== "IKE_SA_INIT response 0 from 192.0.2.2") return [1];
      const withoutSpi = flight.data.slice();
      withoutSpi.fill(0, 8, 16);
      pair.clock.timer(() => pair.network.deliver({ ...flight, data: withoutSpi })).arm(1);
      const critical = flight.data.slice();
      // The first payload becomes one of an unknown type, with the critical bit.
      critical[16] = 200;
      critical[29] = 0x80;
      pair.clock.timer(() => pair.network.deliver({ ...flight, data: critical })).arm(2);
      return [3];
    };
    await pair.establish();
    expectUp(pair);
    expect(pair.moon.lines()).toContain("received IKE_SA_INIT response without responder SPI, ignored");
  });
});

describe("what the peer itself sends amiss", () => {
  it("is answered with UNSUPPORTED_CRITICAL_PAYLOAD when it is unknown and critical, and goes unnoticed when it is not critical", async () => {
    const pair = await established();
    sendAs(pair.moon, ExchangeType.INFORMATIONAL, 2, [raw(201)]);
    await pair.run();
    expect(pair.sun.lines()).toContain("generating INFORMATIONAL response 2 [ ]");
    sendAs(pair.moon, ExchangeType.INFORMATIONAL, 3, [raw(201, [1, 2, 3], true)]);
    await pair.run();
    expect(pair.sun.lines()).toContain("generating INFORMATIONAL response 3 [ N(CRIT) ]");
    for (const end of pair.ends) expectQuiet(end);
    expect(pair.sun.ikeSas).toHaveLength(1);
  });

  it("is answered with INVALID_SYNTAX when it is malformed inside, which ends the IKE_SA", async () => {
    const pair = await established();
    sendAs(pair.moon, ExchangeType.INFORMATIONAL, 2, [raw(PayloadType.NOTIFY, [0])]);
    await pair.run();
    expect(pair.sun.lines()).toContain("generating INFORMATIONAL response 2 [ N(INVAL_SYN) ]");
    expect(pair.sun.ikeSas).toEqual([]);
    expectQuiet(pair.sun);
  });

  it("is told to it when a response of it is malformed inside: both give the IKE_SA up", async () => {
    const pair = await established();
    pair.network.fate = (flight) => (labelOf(flight).startsWith("INFORMATIONAL response") ? [] : [1]);
    const [child] = pair.moon.children;
    pair.moon.terminateChild(child);
    await pair.run();
    pair.network.fate = () => [1];
    sendAs(pair.sun, ExchangeType.INFORMATIONAL, 2, [raw(PayloadType.NOTIFY, [0])], true);
    await pair.run();
    expect(pair.moon.lines()).toContain("generating INFORMATIONAL request 3 [ N(INVAL_SYN) D ]");
    expect(pair.moon.ikeSas).toEqual([]);
    expect(pair.sun.ikeSas).toEqual([]);
  });

  it("costs it its IKE_SA at most: no mixture of payloads makes us fail", async () => {
    const octets = (max: number): fc.Arbitrary<number[]> => fc.array(fc.nat(255), { maxLength: max });
    const payload = fc.oneof(
      fc
        .record({ type: fc.constantFrom(33, 34, 35, 36, 39, 40, 41, 42, 43, 44, 45, 47, 48), body: octets(60) })
        .map(({ type, body }) => raw(type, body)),
      fc.constantFrom<Payload>(
        deleteOf(ProtocolId.ESP, [Uint8Array.of(0xc0, 0, 0, 1)]),
        deleteOf(ProtocolId.ESP, [Uint8Array.of(1, 2, 3, 4), Uint8Array.of(0xc0, 0, 0, 1)]),
        {
          type: PayloadType.NOTIFY,
          protocol: ProtocolId.ESP,
          spi: Uint8Array.of(0xc0, 0, 0, 1),
          notifyType: NotifyType.REKEY_SA,
          data: new Uint8Array(0),
        },
        { type: PayloadType.NONCE, data: new Uint8Array(32) },
        { type: PayloadType.KE, method: 1, data: new Uint8Array(96).fill(1) },
        {
          type: PayloadType.SA,
          proposals: [{ number: 1, protocol: ProtocolId.ESP, spi: Uint8Array.of(1, 2, 3, 4), transforms: [] }],
        },
      ),
    );
    const exchange = fc.constantFrom(
      ExchangeType.CREATE_CHILD_SA,
      ExchangeType.INFORMATIONAL,
      ExchangeType.IKE_AUTH,
      ExchangeType.IKE_SA_INIT,
    );
    const property = fc.asyncProperty(
      exchange,
      fc.array(payload, { maxLength: 5 }),
      fc.boolean(),
      async (exchangeType, payloads, isResponse) => {
        const pair = await established();
        if (isResponse) pair.sun.rekeyChild();
        sendAs(pair.moon, exchangeType, isResponse ? 0 : 2, payloads, isResponse);
        await pair.run();
        expect(pair.sun.processor.failures).toBe(0);
        expect(pair.sun.lines().filter((line) => / failed: /.test(line))).toEqual([]);
      },
    );
    await fc.assert(property, { seed: SEED, numRuns: RUNS });
  });

  it("is refused with AUTHENTICATION_FAILED in an IKE_AUTH without identity", async () => {
    const pair = new Pair();
    pair.configure();
    pair.network.fate = (flight) => (labelOf(flight).startsWith("IKE_AUTH") ? [] : [1]);
    await pair.establish();
    pair.network.fate = () => [1];
    sendAs(pair.moon, ExchangeType.IKE_AUTH, 1, []);
    await pair.run();
    expect(pair.sun.lines()).toContain("generating IKE_AUTH response 1 [ N(AUTH_FAILED) ]");
    expectQuiet(pair.sun);
    expect(pair.sun.ikeSas).toEqual([]);
  });

  it("does not have a CHILD_SA closed twice", async () => {
    const pair = await established();
    pair.moon.rekeyChild();
    await pair.run();
    const lingering = pair.sun.children.find((child) => child.rekeyedById !== 0)!;
    const spi = Uint8Array.of(lingering.spiOut >>> 24, lingering.spiOut >>> 16, lingering.spiOut >>> 8, lingering.spiOut);
    sendAs(pair.moon, ExchangeType.INFORMATIONAL, 4, [deleteOf(ProtocolId.ESP, [spi])]);
    await pair.run();
    expect(pair.sun.lines()).toContain(`received DELETE for unknown ESP CHILD_SA with SPI ${lingering.spiOut.toString(16)}`);
    await pair.run(6000);
    expectQuiet(pair.sun);
  });
});
