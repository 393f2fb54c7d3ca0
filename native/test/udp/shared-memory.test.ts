import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadBinding } from "../../src/index.js";
import type { NativeUdpSocketConstructor } from "../../src/index.js";
import * as at from "../../src/udp-layout.js";
import { LOOPBACK, receive, socket, closeAll } from "./datagrams.js";

// Bound to the loopback address, so that no random destination is ever reached.
const native = loadBinding<{ UdpSocket: NativeUdpSocketConstructor }>();
const open = (slots: number) =>
  new native.UdpSocket({ family: 4, address: LOOPBACK, slots, maxPacketBytes: 256, sendQueueBytes: 4096 });

describe("memory shared with JavaScript", () => {
  it("may hold anything as send queue", () => {
    const edge = fc.oneof(fc.integer(), fc.integer({ min: -64, max: 4200 }), fc.constantFrom(0, 4096, 2 ** 31 - 1, -(2 ** 31)));
    const record = fc.record({
      offset: fc.integer({ min: 0, max: 4000 }),
      length: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.constantFrom(65_507, 65_508, 0xffffffff, 0xfffffff0)),
      family: fc.constantFrom(0, 4, 6),
    });
    const a = open(4);
    const control = new Int32Array(a.control);
    const slab = new DataView(a.sendSlab);
    fc.assert(
      fc.property(edge, edge, fc.array(record, { maxLength: 8 }), fc.boolean(), (head, tail, records, fromStart) => {
        for (const { offset, length, family } of records) {
          const base = offset & ~15;
          slab.setUint32(base + at.LENGTH_AT, length, true);
          slab.setUint8(base + at.FAMILY_AT, family);
        }
        control[at.SEND_HEAD] = fromStart ? 0 : head;
        control[at.SEND_TAIL] = tail;
        expect(a.flush()).toBe(0);
        expect(control[at.SEND_TAIL]).toBe(0);
      }),
      { seed: 1, numRuns: 500 },
    );
    a.close();
  });

  it("may hold anything as list of free slots", async () => {
    const sender = socket();
    const a = open(4);
    const control = new Int32Array(a.control);
    const words = fc.oneof(fc.integer(), fc.integer({ min: -2, max: 6 }));
    let batches = 0;
    let wake = (): void => undefined;
    a.start((count) => {
      expect(count).toBeLessThanOrEqual(4);
      batches += count;
      wake();
    });
    await fc.assert(
      fc.asyncProperty(words, fc.array(words, { minLength: 4, maxLength: 4 }), async (count, entries) => {
        entries.forEach((entry, i) => (control[at.FREE_STACK + i] = entry));
        control[at.FREE_COUNT] = count;
        a.resume();
        sender.send(Buffer.of(1), { address: LOOPBACK, port: a.port }, undefined);
        sender.flush();
        // Put right again: reading goes on, whatever stood there.
        await new Promise((resolve) => setImmediate(resolve));
        [0, 1, 2, 3].forEach((slot, i) => (control[at.FREE_STACK + i] = slot));
        control[at.FREE_COUNT] = 4;
        const more = new Promise<void>((resolve) => (wake = resolve));
        a.resume();
        sender.send(Buffer.of(2), { address: LOOPBACK, port: a.port }, undefined);
        sender.flush();
        await more;
      }),
      { seed: 2, numRuns: 100 },
    );
    expect(batches).toBeGreaterThan(100);
    a.close();
    closeAll();
  });

  it("outlives the socket", async () => {
    const [sender, b] = [socket(), socket()];
    const arrived = receive(b, 1);
    sender.send(Buffer.from("x"), { address: LOOPBACK, port: b.port }, undefined);
    sender.flush();
    await arrived;
    const view = b.data(0);
    closeAll();
    expect(view[0]).toBe("x".charCodeAt(0));
    view.fill(7);
    expect(view[view.length - 1]).toBe(7);
  });

  it("cannot be moved to another thread", () => {
    const a = socket();
    const slab = a.data(0).buffer as ArrayBuffer;
    // Node 20 copies instead, later versions throw.
    try {
      structuredClone(slab, { transfer: [slab] });
    } catch (error) {
      expect(error).toMatchObject({ name: "DataCloneError" });
    }
    expect(slab.byteLength).toBeGreaterThan(0);
    closeAll();
  });
});
