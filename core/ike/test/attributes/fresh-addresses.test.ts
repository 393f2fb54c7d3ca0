import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FreshAddresses } from "../../src/attributes/fresh-addresses.js";
import type { AddressRange } from "../../src/attributes/index.js";

const SIZE = 24;
const places = (ranges: readonly AddressRange[]): number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));

/** Ranges of places in any order, adjacent ones together. */
function rangesOf(list: readonly number[]): AddressRange[] {
  const ranges: { from: number; to: number }[] = [];
  for (const place of [...list].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === place) last.to++;
    else ranges.push({ from: place, to: place + 1 });
  }
  return ranges;
}

const shard = fc.nat(2);
const command = fc.oneof(
  fc.record({ op: fc.constant("lowest" as const) }),
  fc.record({ op: fc.constant("take" as const), place: fc.nat(SIZE - 1) }),
  fc.record({ op: fc.constant("grant" as const), shard, count: fc.nat(6) }),
  fc.record({ op: fc.constant("use" as const), shard, pick: fc.nat(SIZE) }),
  fc.record({ op: fc.constant("give back" as const), shard }),
  fc.record({ op: fc.constant("reclaim" as const), shard }),
);

describe("the addresses of a pool that nobody had", () => {
  it("are here, with one shard, or leased, as in a naive model", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 80, size: "max" }), (commands) => {
        const leased = new Set<number>();
        const fresh = new FreshAddresses(SIZE, (place) => leased.has(place));
        const here = new Set(Array.from({ length: SIZE }, (_, place) => place));
        const held: [Set<number>, Set<number>, Set<number>] = [new Set(), new Set(), new Set()];
        const lowest = (): number => (here.size > 0 ? Math.min(...here) : -1);
        for (const each of commands) {
          switch (each.op) {
            case "lowest": {
              // Those that came back go first; which are below all that was never given away.
              expect(fresh.takeLowest()).toBe(lowest());
              if (here.size > 0) leased.add(lowest());
              here.delete(lowest());
              break;
            }
            case "take":
              expect(fresh.take(each.place)).toBe(here.has(each.place));
              if (here.delete(each.place)) leased.add(each.place);
              break;
            case "grant": {
              const granted = places(fresh.grant(each.shard, each.count));
              expect(granted).toEqual([...here].sort((a, b) => a - b).slice(0, each.count));
              for (const place of granted) {
                here.delete(place);
                held[each.shard]!.add(place);
              }
              break;
            }
            case "use": {
              const own = [...held[each.shard]!];
              const place = own[each.pick % Math.max(1, own.length)];
              if (place === undefined) break;
              held[each.shard]!.delete(place);
              leased.add(place);
              fresh.used(each.shard, place);
              break;
            }
            case "give back":
            case "reclaim": {
              const own = [...held[each.shard]!];
              held[each.shard]!.clear();
              for (const place of own) here.add(place);
              if (each.op === "reclaim") fresh.reclaim(each.shard);
              else fresh.giveBack(each.shard, rangesOf(own).reverse());
            }
          }
          expect(fresh.granted).toBe(held.reduce((sum, { size }) => sum + size, 0));
          expect([...fresh.holders].sort()).toEqual([0, 1, 2].filter((index) => held[index]!.size > 0));
          for (let place = 0; place < SIZE; place++)
            expect(fresh.holderOf(place)).toBe(held.findIndex((places) => places.has(place)));
        }
      }),
      { numRuns: 100 },
    );
  });
});
