import { SpiTable } from "@cygnet/ike";
import type { HasOwnSpi } from "@cygnet/ike";
import { TimerWheel } from "@cygnet/runtime";
import type { Subject } from "./subject.js";

const ENTRIES = 250_000;
/** Ticks of the wheel are 10 ms: entries are due within forty minutes. */
const TICKS = 240_000;

/** Numbers of 32 bits that look random and are the same each time. */
function sequence(): () => number {
  let state = 1;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
}

function fullWheel(random: () => number): TimerWheel {
  const wheel = new TimerWheel(ENTRIES);
  for (let entry = 0; entry < ENTRIES; entry++) wheel.arm(entry, 1 + (random() % TICKS));
  return wheel;
}

function add(table: SpiTable<HasOwnSpi>): HasOwnSpi {
  const spi = table.draw();
  if (spi === undefined) throw new RangeError("the table is full");
  const entry = { ownSpiHi: spi.hi, ownSpiLo: spi.lo };
  table.set(entry);
  return entry;
}

function fullTable(random: () => number): { readonly table: SpiTable<HasOwnSpi>; readonly entries: HasOwnSpi[] } {
  const table = new SpiTable<HasOwnSpi>(random);
  return { table, entries: Array.from({ length: ENTRIES }, () => add(table)) };
}

/** The timer wheel and the table of IKE_SAs, each with a quarter of a million entries. */
export const tableSubjects: readonly Subject[] = [
  {
    name: "timer-wheel.rearm",
    prepare: () => {
      const random = sequence();
      const wheel = fullWheel(random);
      return () => {
        const entry = random() % ENTRIES;
        wheel.disarm(entry);
        wheel.arm(entry, 1 + (random() % TICKS));
      };
    },
  },
  {
    name: "timer-wheel.tick",
    prepare: () => {
      const random = sequence();
      const wheel = fullWheel(random);
      // About one entry is due each tick.
      const again = (entry: number): void => wheel.arm(entry, 1 + (random() % TICKS));
      return () => wheel.advance(1, again);
    },
  },
  {
    name: "spi-table.lookup",
    prepare: () => {
      const random = sequence();
      const { table, entries } = fullTable(random);
      return () => {
        const entry = entries[random() % ENTRIES];
        if (table.get(entry.ownSpiHi, entry.ownSpiLo) !== entry) throw new Error("an entry is lost");
      };
    },
  },
  {
    name: "spi-table.replace",
    prepare: () => {
      const random = sequence();
      const { table, entries } = fullTable(random);
      return () => {
        const at = random() % ENTRIES;
        table.delete(entries[at]);
        entries[at] = add(table);
      };
    },
  },
];
