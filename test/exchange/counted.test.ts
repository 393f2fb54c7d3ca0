import { Host, authRound, noMessages } from "@cygnet/plugin-api";
import type { MessageCounts } from "@cygnet/plugin-api";
import { ExchangeType, PayloadType } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { countsSince, established, expectUnharmed, raw, sendAs } from "./attacks.js";
import { Pair } from "@cygnet/plugin-testkit/pair";
import { expectEmpty } from "./expectations.js";
import type { Flight } from "@cygnet/plugin-testkit/pair";
import { labelOf } from "./wire-tap.js";

const SPI_R_AT = 8;
const NEXT_PAYLOAD_AT = 16;
const VERSION_AT = 17;
const EXCHANGE_AT = 18;
const FLAGS_AT = 19;
const MESSAGE_ID_AT = 23;
const LENGTH_AT = 27;
const HEADER_BYTES = 28;
const RESPONSE_FLAG = 0x20;

/** What is done to `sun`, and all that may come of it. */
interface Attack {
  readonly what: string;
  readonly send: (pair: Pair) => void;
  readonly counts: Partial<MessageCounts>;
  /** The line that it leaves: group and level, then the text. Undefined for none. */
  readonly line: string | undefined;
  readonly alerts?: readonly string[];
  /** Labels of what `sun` answers. */
  readonly answers?: readonly string[];
}

/** Sends the recorded datagram with some octets changed, or others instead. */
const sendChanged = (index: number, change: (data: Uint8Array) => Uint8Array | void) => (pair: Pair) => {
  const flight = pair.network.flights[index]!;
  const data = flight.data.slice();
  pair.network.send({ ...flight, data: change(data) ?? data });
};

/** Sends a header alone, or with what follows it, as if it were from the peer. */
const sendHeader =
  (header: Readonly<Record<number, number>>, behind: readonly number[] = []) =>
  (pair: Pair): void => {
    const data = new Uint8Array(HEADER_BYTES + behind.length);
    data.set(pair.network.flights[2]!.data.subarray(0, HEADER_BYTES));
    data[NEXT_PAYLOAD_AT] = 0;
    data[EXCHANGE_AT] = ExchangeType.INFORMATIONAL;
    data[MESSAGE_ID_AT] = 2;
    data[LENGTH_AT - 1] = 0;
    data[LENGTH_AT] = data.length;
    for (const [at, value] of Object.entries(header)) data[Number(at)] = value;
    data.set(behind, HEADER_BYTES);
    pair.network.send({ ...pair.network.flights[2]!, data });
  };

/** Has the next datagram changed on its way. */
function changeNext(pair: Pair, change: (data: Uint8Array) => void): void {
  pair.network.fate = (flight) => {
    change(flight.data);
    pair.network.fate = () => [1];
    return [1];
  };
}

const u16 = (at: number, value: number): Readonly<Record<number, number>> => ({ [at]: value >> 8, [at + 1]: value & 0xff });

/** Where the last payload of a message begins, and where its type is written. */
function lastPayload(data: Uint8Array): readonly [typeAt: number, at: number] {
  let typeAt = NEXT_PAYLOAD_AT;
  for (let at = HEADER_BYTES; ; at += (data[at + 2]! << 8) | data[at + 3]!) {
    if (data[at] === 0) return [typeAt, at];
    typeAt = at;
  }
}

const INIT = 0;
const AUTH = 2;
const INVALID_HEADER = {
  counts: { malformedHeader: 1 },
  line: "[NET1] received invalid IKE header from 192.0.2.1 - ignored",
  alerts: ["parse-error-header"],
} as const;
const failed = (exchange: string, id: number): string => `[IKE1] <net|1> ${exchange} with message ID ${id} processing failed`;
const noSa = (label: string): string => `[MGR1] no IKE_SA for ${label} from 192.0.2.1, ignored`;

const ATTACKS: readonly Attack[] = [
  { what: "a datagram shorter than a header", send: sendChanged(AUTH, (data) => data.subarray(0, 27)), ...INVALID_HEADER },
  { what: "an empty datagram", send: sendChanged(AUTH, () => new Uint8Array(0)), ...INVALID_HEADER },
  { what: "a truncated message", send: sendChanged(AUTH, (data) => data.subarray(0, 100)), ...INVALID_HEADER },
  {
    what: "a message with octets behind it",
    send: sendChanged(AUTH, (data) => Uint8Array.of(...data, 0)),
    ...INVALID_HEADER,
  },
  { what: "a message of no initiator", send: sendChanged(AUTH, (data) => void data.fill(0, 0, SPI_R_AT)), ...INVALID_HEADER },
  {
    what: "a datagram without marker on the NAT traversal port",
    send: (pair) => pair.network.send({ ...pair.network.flights[AUTH]!, destination: Host.of("192.0.2.2", 4500) }),
    counts: { notIke: 1 },
    line: "[NET2] received datagram from 192.0.2.1 that is not IKE, ignored",
  },
  {
    what: "a keepalive",
    send: sendChanged(AUTH, () => Uint8Array.of(0xff)),
    counts: { keepalives: 1 },
    line: undefined,
  },
  {
    what: "a request of the next version",
    send: sendChanged(INIT, (data) => void (data[VERSION_AT] = 0x30)),
    counts: { version: 1 },
    line: "[NET1] received unsupported IKE version 3.0 from 192.0.2.1, sending INVALID_MAJOR_VERSION",
    answers: ["IKE_SA_INIT response 0 from 192.0.2.2"],
  },
  {
    what: "a request of the next version that is as large as the answer",
    send: sendHeader({ [VERSION_AT]: 0x30 }, new Array<number>(9).fill(0)),
    counts: { version: 1 },
    line: "[NET1] received unsupported IKE version 3.0 from 192.0.2.1, sending INVALID_MAJOR_VERSION",
    answers: ["INFORMATIONAL response 2 from 192.0.2.2"],
  },
  {
    what: "a request of the next version that is smaller than the answer",
    send: sendHeader({ [VERSION_AT]: 0x30 }, new Array<number>(8).fill(0)),
    counts: { version: 1 },
    line: "[NET1] received unsupported IKE version 3.0 from 192.0.2.1, ignored",
  },
  {
    what: "a response of the next version",
    send: sendChanged(INIT, (data) => {
      data[VERSION_AT] = 0x30;
      data[FLAGS_AT]! |= RESPONSE_FLAG;
    }),
    counts: { version: 1 },
    line: "[NET1] received unsupported IKE version 3.0 from 192.0.2.1, ignored",
  },
  {
    what: "a request of the version before",
    send: sendChanged(INIT, (data) => void (data[VERSION_AT] = 0x10)),
    counts: { version: 1 },
    line: "[NET1] received unsupported IKE version 1.0 from 192.0.2.1, ignored",
  },
  {
    what: "a first message without room for what it needs",
    send: sendHeader(
      {
        [EXCHANGE_AT]: ExchangeType.IKE_SA_INIT,
        [MESSAGE_ID_AT]: 0,
        ...Object.fromEntries(Array.from({ length: 8 }, (_, i) => [SPI_R_AT + i, 0])),
      },
      new Array<number>(48).fill(0),
    ),
    counts: { malformed: 1 },
    line: "[NET1] received IKE_SA_INIT request from 192.0.2.1 that is too short, ignored",
    alerts: ["parse-error-body"],
  },
  {
    what: "a forged responder SPI",
    send: sendChanged(AUTH, (data) => void (data[SPI_R_AT]! ^= 0x40)),
    counts: { unknownSpi: 1 },
    line: noSa("IKE_AUTH request 1"),
    alerts: ["invalid-ike-spi"],
  },
  {
    what: "a forged initiator SPI",
    send: sendChanged(AUTH, (data) => void (data[0]! ^= 0x40)),
    counts: { unknownSpi: 1 },
    line: noSa("IKE_AUTH request 1"),
    alerts: ["invalid-ike-spi"],
  },
  {
    what: "our own message, reflected",
    send: (pair) => {
      const { data, source, destination } = pair.network.flights[3]!;
      pair.network.send({ data, source: destination, destination: source });
    },
    counts: { unknownSpi: 1 },
    line: noSa("IKE_AUTH response 1"),
    alerts: ["invalid-ike-spi"],
  },
  {
    what: "a request whose turn has not come",
    send: (pair) => sendAs(pair.moon, ExchangeType.INFORMATIONAL, 7, []),
    counts: { wrongMessageId: 1 },
    line: "[IKE1] <net|1> received message ID 7, expected 2, ignored",
  },
  {
    what: "a response to a request that was never sent",
    send: (pair) => sendAs(pair.moon, ExchangeType.INFORMATIONAL, 5, [], true),
    counts: { wrongMessageId: 1 },
    line: "[IKE1] <net|1> received message ID 5, expected 0, ignored",
  },
  {
    what: "a response to the next request, before that is sent",
    send: (pair) => sendAs(pair.moon, ExchangeType.INFORMATIONAL, 0, [], true),
    counts: { wrongMessageId: 1 },
    line: "[IKE1] <net|1> received INFORMATIONAL response with message ID 0, but there is no such request, ignored",
  },
  {
    what: "the last request once more",
    send: sendChanged(AUTH, () => undefined),
    counts: { repeated: 1 },
    line: "[IKE1] <net|1> received retransmit of request with ID 1, retransmitting response",
    alerts: ["retransmit-receive"],
    answers: ["IKE_AUTH response 1 from 192.0.2.2"],
  },
  {
    what: "a request from before the last one",
    send: (pair) => sendAs(pair.moon, ExchangeType.INFORMATIONAL, 0, []),
    counts: { replayed: 1 },
    line: "[IKE1] <net|1> received message ID 0, expected 2, ignored",
  },
  {
    what: "a message whose checksum is wrong",
    send: (pair) => {
      changeNext(pair, (data) => (data[data.length - 1]! ^= 1));
      sendAs(pair.moon, ExchangeType.INFORMATIONAL, 2, []);
    },
    counts: { forged: 1 },
    line: "[IKE1] <net|1> integrity check failed",
    alerts: ["parse-error-body"],
  },
  {
    what: "an encrypted payload that is too short for a checksum",
    send: sendHeader({ [NEXT_PAYLOAD_AT]: PayloadType.SK }, [0, 0, 0, 8, 1, 2, 3, 4]),
    counts: { undecryptable: 1 },
    line: "[IKE1] <net|1> found encrypted message that does not fit the algorithms",
    alerts: ["parse-error-body"],
  },
  {
    what: "a message in the clear",
    send: sendHeader({}),
    counts: { unprotected: 1 },
    line: "[ENC1] <net|1> message is not encrypted",
    alerts: ["parse-error-body"],
  },
  {
    what: "a DELETE in the clear",
    send: sendHeader({ [NEXT_PAYLOAD_AT]: PayloadType.DELETE }, [0, 0, 0, 8, 1, 0, 0, 0]),
    counts: { unprotected: 1 },
    line: "[ENC1] <net|1> message is not encrypted",
    alerts: ["parse-error-body"],
  },
  {
    what: "payloads in the clear that cannot be parsed",
    send: sendHeader({ [NEXT_PAYLOAD_AT]: PayloadType.NOTIFY }, [0, 0, 0, 3]),
    counts: { malformed: 1 },
    line: failed("INFORMATIONAL request", 2),
    alerts: ["parse-error-body"],
  },
  {
    what: "an unknown critical payload",
    send: (pair) => sendAs(pair.moon, ExchangeType.INFORMATIONAL, 2, [raw(201, [], true)]),
    counts: { criticalPayload: 1 },
    line: "[ENC1] <net|1> payload type 201 is not supported, but payload is critical!",
    alerts: ["parse-error-body"],
    answers: ["INFORMATIONAL response 2 from 192.0.2.2"],
  },
  {
    what: "an exchange that its IKE_SA is through with",
    send: (pair) => sendAs(pair.moon, ExchangeType.IKE_AUTH, 2, []),
    counts: { unexpected: 1 },
    line: "[IKE1] <net|1> ignoring IKE_AUTH in IKE_SA state ESTABLISHED",
  },
  {
    what: "an exchange that nobody knows",
    send: sendHeader({ [EXCHANGE_AT]: 99 }),
    counts: { unexpected: 1 },
    line: "[IKE1] <net|1> ignoring (99) in IKE_SA state ESTABLISHED",
  },
];

describe("what comes to nothing is counted once, logged and does no harm:", () => {
  for (const { what, send, counts, line, alerts = [], answers = [] } of ATTACKS) {
    it(what, async () => {
      const pair = await established();
      const raised: string[] = [];
      pair.sun.bus.addListener({ name: "alerts", alert: (_, { alert }) => void raised.push(alert) });
      const before = { ...pair.sun.counts };
      const [lines, flights] = [pair.sun.sink.lines.length, pair.network.flights.length];
      send(pair);
      await pair.run();
      expect(countsSince(pair.sun, before)).toEqual(counts);
      const said = pair.sun.sink.lines.slice(lines).map((text) => text.replace(/^\d\d/, ""));
      if (line === undefined) expect(said).toEqual([]);
      else expect(said).toContain(line);
      expect(raised).toEqual(alerts);
      const sent = pair.network.flights.slice(flights).filter(({ source }) => source.toString() === "192.0.2.2");
      expect(sent.map(labelOf)).toEqual(answers);
      // The peer does not know that its next message id was used.
      await expectUnharmed(pair, counts.criticalPayload === undefined ? pair.ends : [pair.sun]);
    });
  }
});

describe("what may be counted beside", () => {
  it("a payload that is malformed inside ends the IKE_SA, as only the peer can have sent it", async () => {
    const pair = await established();
    sendAs(pair.moon, ExchangeType.INFORMATIONAL, 2, [raw(PayloadType.NOTIFY, [0])]);
    await pair.run();
    expect(countsSince(pair.sun, noMessages())).toEqual({ malformed: 1 });
    expectEmpty(pair.sun);
    // What comes for it afterwards finds nobody, but for the very request that was answered last.
    const last = pair.network.flights.findLast((flight) => labelOf(flight) === "INFORMATIONAL request 2 from 192.0.2.1")!;
    pair.network.send(last);
    sendAs(pair.moon, ExchangeType.INFORMATIONAL, 3, []);
    await pair.run();
    expect(countsSince(pair.sun, noMessages())).toEqual({ malformed: 1, repeated: 1, unknownSpi: 1 });
  });

  it("what is not the answer to a first message: encrypted, without SPI, with an unknown critical payload, malformed", async () => {
    const pair = new Pair();
    pair.configure();
    const change = (flight: Flight, octets: Readonly<Record<number, number>>): Flight => {
      const data = flight.data.slice();
      for (const [at, value] of Object.entries(octets)) data[Number(at)] = value;
      return { ...flight, data };
    };
    const noSpi = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [SPI_R_AT + i, 0]));
    pair.network.fate = (flight) => {
      if (labelOf(flight) !== "IKE_SA_INIT response 0 from 192.0.2.2") return [1];
      const [typeAt, lastAt] = lastPayload(flight.data);
      const faults = [
        change(flight, {
          [NEXT_PAYLOAD_AT]: PayloadType.SK,
          [HEADER_BYTES]: 0,
          ...u16(HEADER_BYTES + 2, flight.data.length - HEADER_BYTES),
        }),
        change(flight, noSpi),
        change(flight, { [typeAt]: 200, [lastAt + 1]: 0x80 }),
        change(flight, { [HEADER_BYTES + 2]: 0, [HEADER_BYTES + 3]: 3 }),
        change(flight, { [EXCHANGE_AT]: ExchangeType.INFORMATIONAL }),
      ];
      for (const fault of faults) pair.clock.timer(() => pair.network.deliver(fault)).arm(1);
      return [3];
    };
    await pair.establish();
    expect(countsSince(pair.moon, noMessages())).toEqual({ undecryptable: 1, unexpected: 2, criticalPayload: 1, malformed: 1 });
    for (const line of [
      "[IKE1] <net|1> found encrypted message, but no keys available",
      "[IKE1] <net|1> received IKE_SA_INIT response without responder SPI, ignored",
      "[ENC1] <net|1> payload type 200 is not supported, but payload is critical!",
      "[IKE1] <net|1> received INFORMATIONAL response, but expected IKE_SA_INIT, ignored",
    ])
      expect(pair.moon.sink.lines.map((text) => text.replace(/^\d\d/, ""))).toContain(line);
    await expectUnharmed(pair);
  });

  it("fragments that are here already", async () => {
    const long = `${"moon-".repeat(250)}example.org`;
    const pair = new Pair({ moon: { settings: { fragment_size: "576" } } });
    pair.configure({ local: [authRound({ auth: "psk", id: long })] }, { remote: [authRound({ auth: "psk", id: long })] });
    for (const end of pair.ends) end.secret("secret", long, "sun");
    pair.network.fate = (flight) => (labelOf(flight) === "IKE_AUTH request 1 from 192.0.2.1" ? [1, 1] : [1]);
    await pair.establish();
    // The copy of the last one of three comes when the request is answered already.
    expect(countsSince(pair.sun, noMessages())).toEqual({ replayed: 3 });
    expect(pair.sun.lines().filter((line) => line.startsWith("received duplicate fragment #"))).toEqual([
      "received duplicate fragment #1",
      "received duplicate fragment #2",
    ]);
    await expectUnharmed(pair);
  });

  it("more messages than may wait for a busy IKE_SA", async () => {
    const pair = await established();
    pair.sun.kernel.delayMs = 1000;
    pair.sun.rekeyChild();
    await pair.run(100);
    const before = { ...pair.sun.counts };
    for (let i = 0; i < 20; i++) pair.network.send(pair.network.flights[AUTH]!);
    await pair.run(20);
    expect(countsSince(pair.sun, before)).toEqual({ busy: 4 });
    expect(
      pair.sun.lines().filter((line) => line === "ignoring message for IKE_SA net[1], 16 are waiting for it already"),
    ).toHaveLength(4);
    pair.sun.kernel.delayMs = 0;
    await pair.run(20_000);
    expect(countsSince(pair.sun, before)).toEqual({ busy: 4, repeated: 16 });
    await expectUnharmed(pair);
  });

  it("all that there was, in one line when the daemon stops", async () => {
    const pair = await established();
    for (const index of [AUTH, AUTH]) pair.network.send(pair.network.flights[index]!);
    sendHeader({})(pair);
    sendChanged(AUTH, (data) => void (data[SPI_R_AT]! ^= 0x40))(pair);
    await pair.run();
    await pair.sun.shard.stop();
    expect(pair.sun.sink.lines.at(-1)!.slice(2)).toBe(
      "[NET1] received messages that came to nothing: 1 with unknown SPI, 2 repeated and answered again, 1 unprotected",
    );
    // The peer got its answers three times.
    await pair.moon.shard.stop();
    expect(pair.moon.lines().at(-1)).toBe("received messages that came to nothing: 2 replayed");
  });

  it("no line where there was nothing", async () => {
    const pair = await established();
    for (const end of pair.ends) {
      await end.shard.stop();
      expect(end.lines().join("\n")).not.toContain("came to nothing");
    }
  });

  it("nothing at all while everything goes as it should", async () => {
    const pair = await established();
    await expectUnharmed(pair);
    pair.moon.rekeyIke();
    await pair.run(10_000);
    pair.sun.terminateIke();
    await pair.run(10_000);
    for (const end of pair.ends) {
      expectEmpty(end);
      expect(countsSince(end, noMessages())).toEqual({});
    }
  });
});
