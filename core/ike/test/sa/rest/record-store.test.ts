import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RecordStore } from "../../../src/sa/rest/record-store.js";

const octetsOf = (store: RecordStore, handle: number, length: number): Uint8Array =>
  store.page(handle).octets.subarray(store.offset(handle), store.offset(handle) + length);

/** A record to allocate, or which of those there are is to be released. */
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ length: fc.oneof(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 20_000 })) }),
  },
  { weight: 2, arbitrary: fc.record({ release: fc.nat() }) },
);

describe("the store of records", () => {
  it("gives each record octets of its own, zero at first, which nothing else changes", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const store = new RecordStore();
        const held: { readonly handle: number; readonly length: number; readonly mark: number }[] = [];
        for (const [i, one] of steps.entries()) {
          if ("length" in one) {
            const handle = store.allocate(one.length);
            expect(handle).toBeGreaterThan(0);
            const octets = octetsOf(store, handle, one.length);
            expect(octets.length).toBe(one.length);
            expect(octets.every((octet) => octet === 0)).toBe(true);
            octets.fill((i % 255) + 1);
            held.push({ handle, length: one.length, mark: (i % 255) + 1 });
          } else if (held.length > 0) {
            const [{ handle, length, mark }] = held.splice(one.release % held.length, 1) as [(typeof held)[number]];
            const octets = octetsOf(store, handle, length);
            expect(octets.every((octet) => octet === mark)).toBe(true);
            store.release(handle);
            expect(octets.every((octet) => octet === 0)).toBe(true);
          }
          expect(store.size).toBe(held.length);
        }
        for (const { handle, length, mark } of held)
          expect(octetsOf(store, handle, length).every((octet) => octet === mark)).toBe(true);
        expect(new Set(held.map(({ handle }) => handle)).size).toBe(held.length);
      }),
    );
  });

  it("frees the pages that nothing is left on, but for one of each size", () => {
    const store = new RecordStore();
    const handles = Array.from({ length: 5000 }, () => store.allocate(640));
    const most = store.bytes;
    for (const handle of handles) store.release(handle);
    expect(store.size).toBe(0);
    expect(store.bytes).toBeLessThan(most / 10);
    expect(store.bytes).toBeGreaterThan(0);
    const again = Array.from({ length: 5000 }, () => store.allocate(640));
    expect(store.bytes).toBe(most);
    expect(new Set(again).size).toBe(5000);
  });

  it("keeps no page of a record that has one of its own", () => {
    const store = new RecordStore();
    const handle = store.allocate(100_000);
    expect(store.bytes).toBeGreaterThanOrEqual(100_000);
    store.release(handle);
    expect(store.bytes).toBe(0);
  });

  it("knows no handle that it did not give", () => {
    expect(() => new RecordStore().release(77 << 13)).toThrow("no record");
  });
});
