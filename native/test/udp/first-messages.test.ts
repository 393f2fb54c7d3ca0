import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { closeInbox, DatagramInbox, DatagramOutbox, openInbox } from "../../src/index.js";
import type { UdpSocket } from "../../src/index.js";
import { closeAll, LOOPBACK, receive, socket } from "./datagrams.js";

afterEach(closeAll);

const IKE_SA_INIT = 34;
const IKE_AUTH = 35;
const COOKIE_NOTIFY = [0, 0, 0, 12, 0, 0, 0x40, 0x06, 1, 2, 3, 4];
const COOKIE = 41;
/** What makes a message as long as real ones. */
const LONG = Array.from({ length: 60 }, () => 1);

interface Header {
  readonly exchange?: number;
  readonly flags?: number;
  readonly version?: number;
  readonly spiResponder?: number;
  readonly next?: number;
  readonly body?: readonly number[];
}

let tag = 0;

/** An IKE message of which the last octet tells it from others. */
function message({
  exchange = IKE_SA_INIT,
  flags = 0x08,
  version = 0x20,
  spiResponder = 0,
  next = 33,
  body = [],
}: Header = {}): Buffer {
  const header = Buffer.alloc(28);
  header.fill(7, 0, 8);
  header[15] = spiResponder;
  header.set([next, version, exchange, flags], 16);
  return Buffer.from([...header, ...body, 0, tag++ & 0xff]);
}

const marked = (data: Buffer): Buffer => Buffer.concat([Buffer.alloc(4), data]);

/** Sends all, then what is not shed for sure. @returns those that were delivered, without that */
async function deliver(to: UdpSocket, all: readonly Buffer[]): Promise<Buffer[]> {
  const from = socket();
  const end = Buffer.from("end");
  const got: Buffer[] = [];
  const done = new Promise<void>((resolve) => {
    to.start((slots, count) => {
      for (let i = 0; i < count; i++) {
        const data = Buffer.from(to.data(slots[i]).subarray(0, to.length(slots[i])));
        to.release(slots[i]);
        if (data.equals(end)) resolve();
        else got.push(data);
      }
    });
  });
  for (const data of [...all, end]) from.send(data, { address: LOOPBACK, port: to.port }, undefined);
  from.flush();
  await done;
  return got;
}

describe("first messages", () => {
  it("are all delivered unless a room is set", async () => {
    const to = socket();
    const all = [message(), message(), message()];
    expect(await deliver(to, all)).toEqual(all);
    expect(to.status().shed).toBe(0);
  });

  it("are delivered as long as there is room, those with a COOKIE in a room of their own", async () => {
    const to = socket();
    to.admitFirst(2, 1);
    const plain = Array.from({ length: 4 }, () => message());
    const withCookie = Array.from({ length: 3 }, () => message({ next: COOKIE, body: COOKIE_NOTIFY }));
    const [a, b, c, d] = plain;
    const [e, f, g] = withCookie;
    expect(await deliver(to, [a!, e!, b!, f!, c!, g!, d!])).toEqual([a, e, b]);
    expect(to.status()).toMatchObject({ shed: 4, received: 4 });
  });

  it.each<[string, Header, (data: Buffer) => Buffer]>([
    ["an IKE_SA_INIT request", {}, (data) => data],
    ["one behind a non-ESP marker", {}, marked],
    ["one with another notify in front", { next: COOKIE, body: [0, 0, 0, 8, 0, 0, 0x40, 0x05] }, (data) => data],
    ["one that ends within its first notify", { next: COOKIE, body: [0, 0, 0] }, (data) => data],
    ["Main Mode", { version: 0x10, exchange: 2 }, (data) => data],
    ["Aggressive Mode", { version: 0x10, exchange: 4 }, marked],
  ])("are shed without room: %s", async (_, header, wrap) => {
    const to = socket();
    to.admitFirst(0, 100);
    expect(await deliver(to, [wrap(message(header))])).toEqual([]);
    expect(to.status().shed).toBe(1);
  });

  it.each<[string, Buffer]>([
    ["IKE_AUTH", message({ exchange: IKE_AUTH, spiResponder: 1 })],
    ["a response to IKE_SA_INIT without SPI", message({ flags: 0x20 })],
    ["a response to IKE_SA_INIT", message({ flags: 0x20, spiResponder: 9 })],
    ["Main Mode that goes on", message({ version: 0x10, exchange: 2, spiResponder: 1 })],
    ["a header that is cut", message().subarray(0, 27)],
    ["a keepalive", Buffer.of(0xff)],
    ["nothing", Buffer.alloc(0)],
    ["three zeros", Buffer.alloc(3)],
  ])("are nothing else: %s", async (_, data) => {
    const to = socket();
    to.admitFirst(0, 0);
    expect(await deliver(to, [data])).toEqual([data]);
    expect(to.status().shed).toBe(0);
  });

  it("are dropped by the kernel on request, all but a share, and counted as shed", async () => {
    const to = socket({ slots: 1024, receiveBufferBytes: 4 << 20 });
    to.deliverFirst(0.5);
    const got = await deliver(
      to,
      Array.from({ length: 800 }, () => message({ body: LONG })),
    );
    // Six standard deviations.
    expect(Math.abs(got.length - 400)).toBeLessThan(85);
    expect(to.status()).toMatchObject({ received: got.length + 1, shed: 800 - got.length, dropped: 0 });
    expect(to.firstAdmitted).toBe(got.length);
    to.deliverFirst(1);
    expect(to.status()).toMatchObject({ shed: 800 - got.length, dropped: 0 });
  });

  it.each<[string, Header, (data: Buffer) => Buffer]>([
    ["an IKE_SA_INIT request", { body: LONG }, (data) => data],
    ["one behind a non-ESP marker", { body: LONG }, marked],
    ["one with another notify in front", { next: COOKIE, body: [0, 0, 0, 8, 0, 0, 0x40, 0x05, ...LONG] }, (data) => data],
    ["Main Mode", { version: 0x10, exchange: 2, body: LONG }, (data) => data],
    ["Aggressive Mode", { version: 0x10, exchange: 4, body: LONG }, marked],
  ])("are dropped by the kernel: %s", async (_, header, wrap) => {
    const to = socket();
    to.deliverFirst(0);
    expect(await deliver(to, [wrap(message(header))])).toEqual([]);
    expect(to.status()).toMatchObject({ shed: 1, dropped: 0 });
  });

  it.each<[string, Buffer]>([
    ["one with a COOKIE", message({ next: COOKIE, body: [...COOKIE_NOTIFY, ...LONG] })],
    ["one with a COOKIE behind a marker", marked(message({ next: COOKIE, body: [...COOKIE_NOTIFY, ...LONG] }))],
    ["IKE_AUTH", message({ exchange: IKE_AUTH, spiResponder: 1, body: LONG })],
    ["a response to IKE_SA_INIT without SPI", message({ flags: 0x20, body: LONG })],
    ["Main Mode that goes on", message({ version: 0x10, exchange: 2, spiResponder: 1, body: LONG })],
    ["a header that is cut", message().subarray(0, 27)],
    ["a keepalive", Buffer.of(0xff)],
    ["nothing", Buffer.alloc(0)],
    ["ESP", Buffer.alloc(100, 1)],
  ])("are nothing else to the kernel either: %s", async (_, data) => {
    const to = socket();
    to.deliverFirst(0);
    expect(await deliver(to, [data])).toEqual([data]);
    expect(to.status().shed).toBe(0);
  });

  it("are delivered with no share but one from 0 to 1", () => {
    const to = socket();
    for (const share of [-0.1, 1.1, NaN]) expect(() => to.deliverFirst(share)).toThrow(TypeError);
    to.close();
    expect(() => to.deliverFirst(0.5)).toThrow(expect.objectContaining({ errno: "EBADF" }));
  });

  it("never cost what finishes something, in whatever number they come", async () => {
    const kinds = fc.array(fc.constantFrom("init", "cookie", "auth"), { maxLength: 600 });
    await fc.assert(
      fc.asyncProperty(kinds, fc.nat(20), fc.nat(20), async (order, plain, withCookie) => {
        const to = socket({ slots: 16, receiveBufferBytes: 4 << 20 });
        to.admitFirst(plain, withCookie);
        const all = order.map((kind) => {
          if (kind === "auth") return message({ exchange: IKE_AUTH, spiResponder: 1 });
          return kind === "init" ? message() : message({ next: COOKIE, body: COOKIE_NOTIFY });
        });
        const got = await deliver(to, all);
        const left = { init: plain, cookie: withCookie, auth: Infinity };
        expect(got).toEqual(all.filter((_, i) => left[order[i]!]-- > 0));
        expect(to.status()).toMatchObject({ shed: all.length - got.length, received: got.length + 1 });
        closeAll();
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it("leave room to others in a full ring between shards, and are shed at its end", async () => {
    const handle = openInbox(1);
    const outbox = new DatagramOutbox([handle], 0);
    const send = (data: Buffer): boolean =>
      outbox.push(0, { data, source: LOOPBACK, sourcePort: 1, destination: LOOPBACK, destinationPort: 2 });
    let begun = 0;
    while (send(message())) begun++;
    const others = Array.from({ length: begun / 2 }, () => message({ exchange: IKE_AUTH, spiResponder: 1 }));
    expect(others.map((data) => send(data))).toEqual(others.map(() => true));
    expect([outbox.forwarded(0), outbox.dropped(0)]).toEqual([begun + others.length, 1]);
    outbox.flush();
    const inbox = new DatagramInbox(handle);
    inbox.admitFirst(3, 0);
    const got = await new Promise<number>((resolve) => {
      let sum = 0;
      inbox.start((slots, count) => {
        for (let i = 0; i < count; i++) inbox.release(slots[i]);
        sum += count;
        if (sum === others.length + 3) resolve(sum);
      });
    });
    expect(inbox.status()).toMatchObject({ received: got, shed: begun - 3, dropped: 1, queuedBytes: 0 });
    inbox.close();
    outbox.close();
    closeInbox(handle);
  });
});

describe("a read", () => {
  it("goes on behind shed messages to what waits behind them", async () => {
    const [from, to] = [socket(), socket({ receiveBufferBytes: 4 << 20 })];
    to.admitFirst(0, 0);
    const last = message({ exchange: IKE_AUTH, spiResponder: 1 });
    for (let i = 0; i < 900; i++) from.send(message(), { address: LOOPBACK, port: to.port }, undefined);
    from.send(last, { address: LOOPBACK, port: to.port }, undefined);
    from.flush();
    expect((await receive(to, 1)).map(({ data }) => data)).toEqual([last]);
    expect(to.status()).toMatchObject({ shed: 900, queuedBytes: 0 });
  });
});
