import { describe, expect, it } from "vitest";
import { SpiTable } from "../../src/sa/spi-table.js";
import type { HasOwnSpi } from "../../src/sa/spi-table.js";

/** 32 bit numbers that look random and are the same each time. */
function sequence(): () => number {
  let state = 1;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
}

function add(table: SpiTable<HasOwnSpi>): HasOwnSpi {
  const { hi, lo } = table.draw()!;
  const entry = { ownSpiHi: hi, ownSpiLo: lo };
  table.set(entry);
  return entry;
}

describe("the table of IKE_SAs", () => {
  it("finds each entry by its SPI, and nothing by another one of the same slot", () => {
    const table = new SpiTable<HasOwnSpi>(sequence());
    const entries = Array.from({ length: 1000 }, () => add(table));
    expect(table.size).toBe(1000);
    for (const entry of entries) {
      expect(table.get(entry.ownSpiHi, entry.ownSpiLo)).toBe(entry);
      expect(table.get((entry.ownSpiHi ^ 1) >>> 0, entry.ownSpiLo)).toBeUndefined();
      expect(table.get(entry.ownSpiHi, (entry.ownSpiLo ^ 0x8000_0000) >>> 0)).toBeUndefined();
    }
  });

  it("uses slots again under new SPIs", () => {
    const table = new SpiTable<HasOwnSpi>(sequence());
    const old = add(table);
    expect(table.delete(old)).toBe(true);
    expect(table.delete(old)).toBe(false);
    const fresh = add(table);
    expect(table.get(old.ownSpiHi, old.ownSpiLo)).toBeUndefined();
    expect(table.get(fresh.ownSpiHi, fresh.ownSpiLo)).toBe(fresh);
    expect(table.size).toBe(1);
  });

  it("never draws an SPI whose first half is zero", () => {
    let calls = 0;
    const table = new SpiTable<HasOwnSpi>(() => (calls++ < 3 ? 0 : 7));
    expect(table.draw()!.hi).toBe(7);
  });

  it("gives back an SPI that was never used", () => {
    const table = new SpiTable<HasOwnSpi>(sequence());
    const first = table.draw()!;
    table.release(first);
    expect(table.draw()!.lo & 0x3f_ffff).toBe(first.lo & 0x3f_ffff);
  });

  it("is visited piece by piece, while entries come and go", () => {
    const table = new SpiTable<HasOwnSpi>(sequence());
    const entries = Array.from({ length: 25 }, () => add(table));
    const seen: HasOwnSpi[] = [];
    for (let from = 0; from >= 0;) {
      from = table.visit(from, 10, (entry) => seen.push(entry));
      if (from === 10) table.delete(entries[24]!);
    }
    expect(seen).toEqual(entries.slice(0, 24));
  });
});
