import type { PerPriority } from "@cygnet/plugin-api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shareSlots } from "../src/threads/share.js";

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
const reservation = fc.oneof(fc.constant(0), fc.nat(12));

describe("job slots of several shards", () => {
  it("are all there, and leave each class a slot on each shard unless the reservations leave it none at all", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 64 }),
        fc.nat(64),
        fc.tuple(reservation, reservation, reservation, reservation),
        (shards, more, reservations) => {
          const slots = shards + more;
          const parts = shareSlots(slots, reservations as PerPriority, shards);
          expect(parts).toHaveLength(shards);
          expect(sum(parts.map((part) => part.slots))).toBe(slots);
          const holdBack = sum(reservations.slice(0, 3));
          for (const part of parts) {
            expect(part.slots).toBeGreaterThan(0);
            expect(part.slots).toBeLessThanOrEqual(Math.ceil(slots / shards));
            if (holdBack < slots) expect(sum(part.reservations)).toBeLessThan(part.slots);
          }
          reservations.forEach((reserved, kind) => {
            const placed = sum(parts.map((part) => part.reservations[kind]!));
            expect(placed).toBeLessThanOrEqual(reserved);
            // Where there is a slot to spare for each reserved one, none is dropped.
            if (sum(reservations) <= slots - shards) expect(placed).toBe(reserved);
          });
        },
      ),
    );
  });

  it("spread the reservations of a user with 32 threads over 16 shards", () => {
    const parts = shareSlots(28, [0, 1, 10, 0], 16);
    expect(parts.filter(({ slots }) => slots === 2)).toHaveLength(12);
    expect(sum(parts.map(({ reservations }) => reservations[1]))).toBe(1);
    expect(sum(parts.map(({ reservations }) => reservations[2]))).toBe(10);
    expect(parts.every(({ slots, reservations }) => sum(reservations) < slots)).toBe(true);
  });
});
