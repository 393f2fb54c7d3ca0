import { SpiTable } from "@cygnet/ike";
import type { Spi } from "@cygnet/ike";
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

function add(table: SpiTable): Spi {
  const spi = table.draw();
  if (spi === undefined) throw new RangeError("the table is full");
  table.set(spi);
  return spi;
}

function fullTable(random: () => number): { readonly table: SpiTable; readonly spis: Spi[] } {
  const table = new SpiTable(random);
  return { table, spis: Array.from({ length: ENTRIES }, () => add(table)) };
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
      const { table, spis } = fullTable(random);
      return () => {
        const { hi, lo } = spis[random() % ENTRIES];
        if (table.find(hi, lo) < 0) throw new Error("an SPI is lost");
      };
    },
  },
  {
    name: "spi-table.replace",
    prepare: () => {
      const random = sequence();
      const { table, spis } = fullTable(random);
      return () => {
        const at = random() % ENTRIES;
        table.delete(table.find(spis[at].hi, spis[at].lo));
        spis[at] = add(table);
      };
    },
  },
];
