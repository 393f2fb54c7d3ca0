import { describe, expect, it } from "vitest";
import { SpiTable } from "../../src/sa/spi-table.js";
import type { Spi } from "../../src/sa/spi-table.js";

/** 32 bit numbers that look random and are the same each time. */
function sequence(): () => number {
  let state = 1;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
}

function add(table: SpiTable): Spi {
  const spi = table.draw()!;
  table.set(spi);
  return spi;
}

describe("the table of SPIs", () => {
  it("finds each SPI's slot, and nothing by another SPI of the same slot", () => {
    const table = new SpiTable(sequence());
    const spis = Array.from({ length: 5000 }, () => add(table));
    expect(table.size).toBe(5000);
    for (const [slot, { hi, lo }] of spis.entries()) {
      expect(table.find(hi, lo)).toBe(slot);
      expect(table.find((hi ^ 1) >>> 0, lo)).toBe(-1);
      expect(table.find(hi, (lo ^ 0x8000_0000) >>> 0)).toBe(-1);
    }
  });

  it("uses slots again under new SPIs", () => {
    const table = new SpiTable(sequence());
    const old = add(table);
    const slot = table.find(old.hi, old.lo);
    table.delete(slot);
    table.delete(slot);
    expect(table.size).toBe(0);
    const fresh = add(table);
    expect(table.find(old.hi, old.lo)).toBe(-1);
    expect(table.find(fresh.hi, fresh.lo)).toBe(slot);
    expect(table.size).toBe(1);
  });

  it("never draws an SPI whose first half is zero, and finds none", () => {
    let calls = 0;
    const table = new SpiTable(() => (calls++ < 3 ? 0 : 7));
    expect(table.draw()!.hi).toBe(7);
    expect(table.find(0, 0)).toBe(-1);
  });

  it("gives back an SPI that was never used", () => {
    const table = new SpiTable(sequence());
    const first = table.draw()!;
    table.release(first);
    expect(table.draw()!.lo & 0x3f_ffff).toBe(first.lo & 0x3f_ffff);
  });
});
