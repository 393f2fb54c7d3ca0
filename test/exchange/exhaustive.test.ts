import { noMessages } from "@cygnet/plugin-api";
import type { MessageCounts } from "@cygnet/plugin-api";
import { IKE_HEADER_BYTES } from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { countsSince, established, expectUnharmed } from "./attacks.js";
import type { End, Pair } from "@cygnet/plugin-testkit/pair";
import type { Flight } from "@cygnet/plugin-testkit/pair";
import { headerOf, labelOf } from "./wire-tap.js";

const SPI_I_AT = 0;
const SPI_R_AT = 8;
const SPI_BYTES = 8;
const LENGTH_AT = 24;
const VERSION_NOTIFY_BYTES = 9;
const HALF_OPEN_TIMEOUT_MS = 31_000;

/** A conversation in which each end was the initiator of every kind of exchange but the rekeying of the IKE_SA. */
async function recorded(): Promise<{ pair: Pair; flights: readonly Flight[] }> {
  const pair = await established();
  for (const end of pair.ends) {
    end.rekeyChild();
    await pair.run(10_000);
    end.initiate("net");
    await pair.run();
  }
  return { pair, flights: [...pair.network.flights] };
}

/** What became of messages: each is counted once, or begins an IKE_SA, as a first message that comes again may. */
class Tally {
  readonly #before: ReadonlyMap<End, MessageCounts>;
  readonly #linesBefore: ReadonlyMap<End, number>;

  constructor(private readonly pair: Pair) {
    this.#before = new Map(pair.ends.map((end) => [end, { ...end.counts }]));
    this.#linesBefore = new Map(pair.ends.map((end) => [end, end.lines().length]));
  }

  counts(end: End): Partial<MessageCounts> {
    return countsSince(end, this.#before.get(end)!);
  }

  begun(end: End): number {
    const lines = end.lines().slice(this.#linesBefore.get(end));
    return lines.filter((line) => / is initiating IKE_SA /.test(line)).length;
  }

  /** All messages that were dealt with, at both ends. */
  get total(): number {
    const sum = (counts: Partial<MessageCounts>): number => Object.values(counts).reduce((all, count) => all + count, 0);
    return this.pair.ends.reduce((all, end) => all + sum(this.counts(end)) + this.begun(end), 0);
  }
}

/** Hands datagrams over, one after the other. What is sent in answer goes to who forged them, not to the other end. */
async function deliver(pair: Pair, flights: Iterable<Flight>): Promise<number> {
  let count = 0;
  pair.network.fate = () => [];
  for (const flight of flights) {
    pair.network.deliver(flight);
    count++;
    if (count % 50 === 0) await pair.run(5, 5);
  }
  await pair.run();
  pair.network.fate = () => [1];
  return count;
}

function changed(flight: Flight, change: (data: Uint8Array) => void): Flight {
  const data = flight.data.slice();
  change(data);
  return { ...flight, data };
}

const setLength = (data: Uint8Array): void => new DataView(data.buffer, data.byteOffset).setUint32(LENGTH_AT, data.length);
const reflected = ({ data, source, destination }: Flight): Flight => ({ data, source: destination, destination: source });

function* truncations(flight: Flight, isHonest: boolean): Generator<Flight> {
  for (let length = 0; length < flight.data.length; length++) {
    const data = flight.data.slice(0, length);
    if (isHonest && length >= IKE_HEADER_BYTES) setLength(data);
    yield { ...flight, data };
  }
}

/** Each bit of some octets turned over, one at a time. */
function* flips(flight: Flight, from: number, to: number): Generator<Flight> {
  for (let at = from; at < to; at++)
    for (let bit = 0; bit < 8; bit++) yield changed(flight, (data) => void (data[at]! ^= 1 << bit));
}

/** After the half-open IKE_SAs of first messages timed out, everything is as before. */
async function expectAftermath(pair: Pair): Promise<void> {
  await pair.run(HALF_OPEN_TIMEOUT_MS);
  for (const end of pair.ends) {
    expect(end.manager.daemonCounts.connecting).toBe(0);
    expect(end.lines().filter((line) => / failed: /.test(line))).toEqual([]);
  }
  await expectUnharmed(pair);
}

describe("every message of a conversation", () => {
  for (const isHonest of [false, true]) {
    it(`truncated at every length, with a header that ${isHonest ? "gives that length" : "gives the whole length"}, is malformed`, async () => {
      const { pair, flights } = await recorded();
      const tally = new Tally(pair);
      let headers = 0;
      let sent = 0;
      for (const flight of flights) {
        sent += await deliver(pair, truncations(flight, isHonest));
        headers += isHonest ? IKE_HEADER_BYTES : flight.data.length;
      }
      let [malformedHeader, malformed, keepalives] = [0, 0, 0];
      for (const end of pair.ends) {
        const counts = { ...noMessages(), ...tally.counts(end) };
        malformedHeader += counts.malformedHeader;
        malformed += counts.malformed;
        // An SPI that begins with 0xff, cut behind that.
        keepalives += counts.keepalives;
      }
      expect(malformedHeader + keepalives).toBe(headers);
      expect(malformed).toBe(sent - headers);
      expect(tally.total).toBe(sent);
      await expectAftermath(pair);
    });
  }

  it("with each bit of its header turned over is counted once, or is a first message", async () => {
    const { pair, flights } = await recorded();
    const tally = new Tally(pair);
    let sent = 0;
    for (const flight of flights) sent += await deliver(pair, flips(flight, 0, IKE_HEADER_BYTES));
    expect(sent).toBe(flights.length * IKE_HEADER_BYTES * 8);
    expect(tally.total).toBe(sent);
    for (const end of pair.ends) expect(end.processor.failures).toBe(0);
    await expectAftermath(pair);
  });

  it("with a forged SPI, of either side, is for nobody", async () => {
    const { pair, flights } = await recorded();
    const tally = new Tally(pair);
    const named = flights.filter(
      (flight) => headerOf(flight)!.messageId > 0 || !labelOf(flight).startsWith("IKE_SA_INIT request"),
    );
    let sent = 0;
    for (const flight of named) {
      sent += await deliver(pair, flips(flight, SPI_I_AT, SPI_R_AT + SPI_BYTES));
      const zero = changed(flight, (data) => void data.fill(0, SPI_R_AT, SPI_R_AT + SPI_BYTES));
      const swapped = changed(flight, (data) => {
        data.copyWithin(SPI_I_AT, SPI_R_AT, SPI_R_AT + SPI_BYTES);
        data.set(flight.data.subarray(SPI_I_AT, SPI_R_AT), SPI_R_AT);
      });
      sent += await deliver(pair, [zero, swapped]);
    }
    // Of the first response alone the initiator has nothing to compare the responder's SPI with, while it waits for it; here it does not.
    const [moon, sun] = pair.ends.map((end) => tally.counts(end));
    expect([Object.keys(moon!), Object.keys(sun!)]).toEqual([["unknownSpi"], ["unknownSpi"]]);
    expect(moon!.unknownSpi! + sun!.unknownSpi!).toBe(sent);
    await expectAftermath(pair);
  });

  it("once more has the last response sent again, and nothing else; reflected it is for nobody", async () => {
    const { pair, flights } = await recorded();
    const tally = new Tally(pair);
    await deliver(pair, flights);
    // The very first message begins an IKE_SA, the last request of each end is answered again.
    const sentBy = (end: End, kind: string): number =>
      flights.filter((flight) => flight.source.sameAddress(end.socket.address) && labelOf(flight).includes(` ${kind} `)).length;
    const { moon, sun } = pair;
    expect(tally.begun(sun)).toBe(1);
    expect(tally.counts(sun)).toEqual({ repeated: 1, replayed: sentBy(moon, "request") - 2 + sentBy(moon, "response") });
    expect(tally.begun(moon)).toBe(0);
    expect(tally.counts(moon)).toEqual({ repeated: 1, replayed: sentBy(sun, "request") - 1 + sentBy(sun, "response") });
    const again = new Tally(pair);
    await deliver(pair, flights.map(reflected));
    expect(again.begun(moon)).toBe(1);
    expect(again.counts(moon)).toEqual({ unknownSpi: sentBy(moon, "request") - 1 + sentBy(moon, "response") });
    expect(again.begun(sun)).toBe(0);
    expect(again.counts(sun)).toEqual({ unknownSpi: sentBy(sun, "request") + sentBy(sun, "response") });
    await expectAftermath(pair);
  });
});

describe("a message on its way", () => {
  /** The mutants of the next datagram with this label arrive before it does. */
  function precede(pair: Pair, label: string, mutants: (flight: Flight) => Iterable<Flight>): () => number {
    let count = 0;
    pair.network.fate = (flight) => {
      if (labelOf(flight) !== label || count > 0) return [1];
      for (const mutant of mutants(flight)) {
        count++;
        pair.network.deliver(mutant);
      }
      return [1];
    };
    return () => count;
  }

  for (const label of ["CREATE_CHILD_SA request 2 from 192.0.2.1", "CREATE_CHILD_SA response 2 from 192.0.2.2"]) {
    it(`arrives in spite of all its mutants before it: ${label}`, async () => {
      const pair = await established();
      const tally = new Tally(pair);
      const sent = precede(pair, label, (flight) => flips(flight, 0, flight.data.length));
      const [child] = pair.moon.children;
      pair.moon.rekeyChild(child);
      await pair.run(10_000);
      expect(sent()).toBeGreaterThan(1000);
      expect(pair.moon.children).not.toContain(child);
      const end = label.includes("request") ? pair.sun : pair.moon;
      const { forged = 0, malformed = 0, unknownSpi } = tally.counts(end);
      expect(forged).toBeGreaterThan(malformed);
      expect(unknownSpi).toBeGreaterThanOrEqual(2 * SPI_BYTES * 8);
      // INVALID_MAJOR_VERSION, in the clear, is of no use to the other end.
      const answers = pair.network.flights.filter(({ data }) => data.length === IKE_HEADER_BYTES + VERSION_NOTIFY_BYTES);
      expect(tally.total).toBe(sent() + answers.length);
      await expectAftermath(pair);
    });
  }

  it("arrives in spite of its pieces before it, cut at every length", async () => {
    const pair = await established();
    const tally = new Tally(pair);
    const sent = precede(pair, "CREATE_CHILD_SA request 2 from 192.0.2.1", (flight) => truncations(flight, true));
    const [child] = pair.moon.children;
    pair.moon.rekeyChild(child);
    await pair.run(10_000);
    expect(pair.moon.children).not.toContain(child);
    expect(tally.total).toBe(sent());
    await expectAftermath(pair);
  });
});
