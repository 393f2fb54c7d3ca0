import { readdirSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { closeInbox, DatagramInbox, DatagramOutbox, loadBinding, NativeError, openInbox, UdpSocket } from "../../src/index.js";
import type { ForwardedDatagram, InboxHandle, InboxOptions } from "../../src/index.js";
import { LOOPBACK } from "../udp/datagrams.js";

const opened: InboxHandle[] = [];
const closing: { close(): void }[] = [];

afterEach(() => {
  for (const made of closing.splice(0)) made.close();
  for (const handle of opened.splice(0)) closeInbox(handle);
});

function inboxHandle(lanes = 1, laneBytes = 0): InboxHandle {
  const handle = openInbox(lanes, laneBytes);
  opened.push(handle);
  return handle;
}

function inboxOf(handle: InboxHandle, options: Partial<InboxOptions> = {}): DatagramInbox {
  const inbox = new DatagramInbox({ ...handle, ...options });
  closing.push(inbox);
  return inbox;
}

function datagram(data: Uint8Array, more: Partial<ForwardedDatagram> = {}): ForwardedDatagram {
  return { data, source: LOOPBACK, sourcePort: 500, destination: LOOPBACK, destinationPort: 4500, ...more };
}

const text = (inbox: DatagramInbox, slot: number): string =>
  Buffer.from(inbox.data(slot).subarray(0, inbox.length(slot))).toString("latin1");

/** Starts `inbox` and resolves with the first `count` datagrams, their slots released. */
function take(inbox: DatagramInbox, count: number): Promise<string[]> {
  return new Promise((resolve) => {
    const got: string[] = [];
    inbox.start((slots, length) => {
      for (let i = 0; i < length; i++) {
        got.push(text(inbox, slots[i]));
        inbox.release(slots[i]);
      }
      if (got.length >= count) resolve(got);
    });
  });
}

describe("a ring between shards", () => {
  it.each([
    ["IPv4", 4, Uint8Array.of(192, 0, 2, 1), Uint8Array.of(198, 51, 100, 2)],
    ["IPv6", 6, Uint8Array.from({ length: 16 }, (_, i) => i), Uint8Array.from({ length: 16 }, (_, i) => 255 - i)],
  ])("carries octets, addresses and ports over %s", async (_, family, source, destination) => {
    const handle = inboxHandle();
    const inbox = inboxOf(handle);
    const outbox = new DatagramOutbox([handle], 0);
    const seen = new Promise<object>((resolve) =>
      inbox.start((slots) => {
        const slot = slots[0];
        resolve({
          text: text(inbox, slot),
          family: inbox.familyOf(slot),
          source: inbox.sourceAddress(slot),
          sourcePort: inbox.sourcePort(slot),
          destination: inbox.destinationAddress(slot),
          destinationPort: inbox.destinationPort(slot),
        });
      }),
    );
    const data = Buffer.from("hello");
    expect(outbox.push(0, { data, source, sourcePort: 65_535, destination, destinationPort: 500 })).toBe(true);
    outbox.flush();
    expect(await seen).toEqual({ text: "hello", family, source, sourcePort: 65_535, destination, destinationPort: 500 });
    expect([outbox.forwarded(0), outbox.dropped(0)]).toEqual([1, 0]);
  });

  it("keeps order and octets, wherever its end falls", async () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 1, max: 40 })), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(steps, async (bursts) => {
        const handle = openInbox(1);
        const inbox = new DatagramInbox(handle);
        const outbox = new DatagramOutbox([handle], 0);
        const waiting: Buffer[] = [];
        let wake = (): void => undefined;
        inbox.start((slots, count) => {
          for (let i = 0; i < count; i++) {
            const slot = slots[i];
            expect(Buffer.from(inbox.data(slot).subarray(0, inbox.length(slot))).equals(waiting.shift()!)).toBe(true);
            inbox.release(slot);
          }
          if (waiting.length === 0) wake();
        });
        let number = 0;
        for (const [length, count] of bursts) {
          for (let i = 0; i < count; i++) {
            const data = Buffer.alloc(length, number++ & 0xff);
            if (outbox.push(0, datagram(data))) waiting.push(data);
          }
          const isEmpty = new Promise<void>((resolve) => (wake = resolve));
          outbox.flush();
          if (waiting.length > 0) await isEmpty;
        }
        expect(outbox.forwarded(0) + outbox.dropped(0)).toBe(number);
        inbox.close();
        closeInbox(handle);
      }),
      { seed: 1, numRuns: 40 },
    );
  });

  it("drops and counts what finds no room, and takes more when there is some", async () => {
    const handle = inboxHandle();
    const outbox = new DatagramOutbox([handle], 0);
    let fits = 0;
    while (outbox.push(0, datagram(Buffer.alloc(1000, fits & 0xff)))) fits++;
    expect(fits).toBe(Math.floor((33 * 4096) / (64 + 1008)));
    expect(outbox.push(0, datagram(Buffer.alloc(1000)))).toBe(false);
    expect([outbox.forwarded(0), outbox.dropped(0)]).toEqual([fits, 2]);
    outbox.flush();
    const inbox = inboxOf(handle);
    expect((await take(inbox, fits)).map((got) => got.charCodeAt(0))).toEqual(Array.from({ length: fits }, (_, i) => i & 0xff));
    expect(outbox.push(0, datagram(Buffer.alloc(1000)))).toBe(true);
    expect(inbox.status()).toMatchObject({ received: fits, dropped: 2, oversized: 0 });
  });

  it("finds room for the longest datagram whatever came before, once it is empty", async () => {
    const handle = inboxHandle();
    const outbox = new DatagramOutbox([handle], 0);
    const inbox = inboxOf(handle, { maxPacketBytes: 65_507, slots: 2 });
    let count = 0;
    let wake = (): void => undefined;
    inbox.start((slots, length) => {
      for (let i = 0; i < length; i++) inbox.release(slots[i]);
      count += length;
      wake();
    });
    for (let i = 0; i < 50; i++) {
      const arrived = new Promise<void>((resolve) => (wake = resolve));
      expect(outbox.push(0, datagram(Buffer.alloc(i % 2 ? 65_507 : i * 1000)))).toBe(true);
      outbox.flush();
      await arrived;
    }
    expect(count).toBe(50);
  });

  it("lets the lanes take turns", async () => {
    const handle = inboxHandle(2);
    const [a, b] = [new DatagramOutbox([handle], 0), new DatagramOutbox([handle], 1)];
    for (let i = 0; i < 100; i++) a.push(0, datagram(Buffer.from("a")));
    b.push(0, datagram(Buffer.from("b")));
    a.flush();
    b.flush();
    const got = await take(inboxOf(handle), 101);
    expect(got.indexOf("b")).toBeLessThan(2);
  });

  it("reaches the shard that is named", async () => {
    const handles = [inboxHandle(3), inboxHandle(3), inboxHandle(3)];
    const inboxes = handles.map((handle) => inboxOf(handle));
    const outbox = new DatagramOutbox(handles, 2);
    const got = inboxes.map((inbox) => take(inbox, 1));
    for (let shard = 0; shard < 3; shard++) outbox.push(shard, datagram(Buffer.from(`for ${shard}`)));
    outbox.flush();
    expect((await Promise.all(got)).flat()).toEqual(["for 0", "for 1", "for 2"]);
  });

  it("waits while all slots are held, and goes on after a release", async () => {
    const handle = inboxHandle();
    const outbox = new DatagramOutbox([handle], 0);
    const inbox = inboxOf(handle, { slots: 3 });
    for (let i = 0; i < 7; i++) outbox.push(0, datagram(Buffer.of(i)));
    outbox.flush();
    const held: number[] = [];
    const got: number[] = [];
    await new Promise<void>((resolve) => {
      inbox.start((slots, count) => {
        expect(held).toEqual([]);
        held.push(...slots.subarray(0, count));
        got.push(...held.map((slot) => inbox.data(slot)[0]));
        if (got.length === 7) return resolve();
        setImmediate(() => held.splice(0).forEach((slot) => inbox.release(slot)));
      });
    });
    expect(got).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("discards and counts what is too long for the reader, and only that", async () => {
    const handle = inboxHandle();
    const outbox = new DatagramOutbox([handle], 0);
    for (const length of [101, 100]) outbox.push(0, datagram(Buffer.alloc(length)));
    outbox.flush();
    const inbox = inboxOf(handle, { maxPacketBytes: 100 });
    expect((await take(inbox, 1)).map(({ length }) => length)).toEqual([100]);
    expect(inbox.status()).toEqual({ received: 1, dropped: 0, shed: 0, oversized: 1, queuedBytes: 0, bufferBytes: 33 * 4096 });
  });

  it("keeps what waits for the next reader and the next writer of a lane", async () => {
    const handle = inboxHandle();
    new DatagramOutbox([handle], 0).push(0, datagram(Buffer.from("never flushed")));
    const first = new DatagramOutbox([handle], 0);
    first.push(0, datagram(Buffer.from("1")));
    first.flush();
    inboxOf(handle).close();
    const second = new DatagramOutbox([handle], 0);
    second.push(0, datagram(Buffer.from("2")));
    second.flush();
    expect(await take(inboxOf(handle), 3)).toEqual(["never flushed", "1", "2"]);
    expect(second.forwarded(0)).toBe(3);
  });

  it("refuses descriptors that are none of its own", () => {
    const handle = inboxHandle(2);
    const errno = (action: () => unknown): string => {
      try {
        action();
        return "nothing was thrown";
      } catch (error) {
        return error instanceof NativeError ? error.errno : String(error);
      }
    };
    expect(errno(() => new DatagramInbox({ ...handle, memoryFd: 1_000_000 }))).toBe("EBADF");
    expect(errno(() => new DatagramInbox({ ...handle, memoryFd: handle.wakeFd }))).toBe("EINVAL");
    expect(errno(() => new DatagramInbox({ ...handle, wakeFd: 1_000_000 }))).toBe("EBADF");
    expect(errno(() => new DatagramOutbox([handle], 2))).toBe("EINVAL");
    expect(errno(() => new DatagramOutbox([handle, { ...handle, wakeFd: 1_000_000 }], 0))).toBe("EBADF");
    expect(errno(() => openInbox(0))).toMatch(/^TypeError/);
    expect(errno(() => openInbox(1, 1e12))).toMatch(/^TypeError/);
    const outbox = new DatagramOutbox([handle], 0);
    expect(errno(() => outbox.push(1, datagram(Buffer.of(1))))).toMatch(/^TypeError/);
    expect(errno(() => outbox.push(0, datagram(Buffer.alloc(65_508))))).toMatch(/^TypeError/);
  });

  it("is no outbox for a socket unless it is one to all shards", () => {
    const outbox = new DatagramOutbox([inboxHandle()], 0);
    const socket = new UdpSocket({ family: 4, address: LOOPBACK });
    closing.push(socket);
    const key = { shards: 2, word0: 0, word1: 0 };
    expect(() => socket.forward({ ...key, natT: false }, 0, outbox)).toThrow(TypeError);
    expect(() => socket.forward({ ...key, shards: 1, natT: false }, 1, outbox)).toThrow(TypeError);
    const { UdpSocket: Raw } = loadBinding<{
      UdpSocket: new (options: object) => { forward(...args: unknown[]): void } & { close(): void };
    }>();
    const raw = new Raw({ family: 4, address: LOOPBACK, port: 0 });
    closing.push(raw);
    for (const no of [undefined, {}, raw]) expect(() => raw.forward({ ...key, natT: false }, 0, no)).toThrow(TypeError);
  });

  it("takes nothing once closed, except from a socket that has it", async () => {
    const handle = inboxHandle();
    const outbox = new DatagramOutbox([handle, handle], 0);
    const key = { shards: 2, word0: 0, word1: 0 };
    const forwarder = new UdpSocket({ family: 4, address: LOOPBACK });
    closing.push(forwarder);
    // Shard 1 of the two is the one that no datagram is for which is no IKE message.
    forwarder.forward({ ...key, natT: false }, 1, outbox);
    forwarder.start(() => expect.unreachable());
    outbox.close();
    outbox.close();
    outbox.flush();
    expect(() => outbox.push(0, datagram(Buffer.of(1)))).toThrow(expect.objectContaining({ errno: "EBADF" }) as Error);
    expect(() => outbox.forwarded(0)).toThrow("bad file descriptor");
    expect(() => forwarder.forward({ ...key, natT: false }, 1, outbox)).toThrow(
      expect.objectContaining({ errno: "EBADF" }) as Error,
    );

    const got = take(inboxOf(handle), 1);
    forwarder.send(Buffer.from("stray"), { address: LOOPBACK, port: forwarder.port }, undefined);
    forwarder.flush();
    expect(await got).toEqual(["stray"]);
    forwarder.close();
    expect(forwarder.status()).toMatchObject({ received: 0, forwarded: 1, forwardDrops: 0 });
    expect(() => forwarder.forward({ ...key, natT: false }, 1, new DatagramOutbox([handle, handle], 0))).toThrow(
      "bad file descriptor",
    );
  });

  it("leaves no descriptor behind", () => {
    const before = readdirSync("/proc/self/fd").length;
    const handle = openInbox(1);
    const inbox = new DatagramInbox(handle);
    new DatagramOutbox([handle], 0).close();
    expect(readdirSync("/proc/self/fd").length).toBeGreaterThan(before);
    inbox.start(() => undefined);
    inbox.close();
    inbox.close();
    closeInbox(handle);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});
