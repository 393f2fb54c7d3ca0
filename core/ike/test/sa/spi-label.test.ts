import { describe, expect, it } from "vitest";
import { spiLabel } from "../../src/sa/spi-label.js";
import { SpiTable } from "../../src/sa/spi-table.js";

describe("the label of SPIs", () => {
  it("is in every SPI, and leaves the rest random and the slot number alone", () => {
    const options = { spi_label: 0xabcd_0000_00ff_ffffn, spi_mask: 0xffff_0000_00ff_0000n };
    let bits = 0;
    const random = (): number => (bits = (bits * 1_664_525 + 1_013_904_223) >>> 0);
    const table = new SpiTable(random, spiLabel(options));
    const drawn = Array.from({ length: 50 }, () => {
      const spi = table.draw()!;
      table.set(spi);
      return spi;
    });
    expect(new Set(drawn.map(({ hi }) => hi >>> 16))).toEqual(new Set([0xabcd]));
    expect(new Set(drawn.map(({ lo }) => (lo >>> 22) & 3))).toEqual(new Set([3]));
    expect(new Set(drawn.map(({ hi }) => hi & 0xffff)).size).toBeGreaterThan(40);
    expect(drawn.map(({ lo }) => lo & 0x3f_ffff)).toEqual(drawn.map((_, slot) => slot));
    for (const { hi, lo } of drawn) expect(table.find(hi, lo)).toBe(lo & 0x3f_ffff);
  });
});
