import { Settings } from "@cygnet/settings";
import { describe, expect, it } from "vitest";
import { describeSpiLabel, spiLabel } from "../../src/sa/spi-label.js";
import { SpiTable } from "../../src/sa/spi-table.js";

const charon = Settings.fromObject({ charon: { spi_mask: "1" } }).section("charon");

describe("the label of SPIs", () => {
  it("is in every SPI, and leaves the rest random and the slot number alone", () => {
    const options = { spi_label: 0xabcd_0000_00ff_ffffn, spi_mask: 0xffff_0000_00ff_0000n };
    let bits = 0;
    const random = (): number => (bits = (bits * 1_664_525 + 1_013_904_223) >>> 0);
    const table = new SpiTable<{ ownSpiHi: number; ownSpiLo: number }>(random, spiLabel(options));
    const drawn = Array.from({ length: 50 }, () => {
      const spi = table.draw()!;
      table.set({ ownSpiHi: spi.hi, ownSpiLo: spi.lo });
      return spi;
    });
    expect(new Set(drawn.map(({ hi }) => hi >>> 16))).toEqual(new Set([0xabcd]));
    expect(new Set(drawn.map(({ lo }) => (lo >>> 22) & 3))).toEqual(new Set([3]));
    expect(new Set(drawn.map(({ hi }) => hi & 0xffff)).size).toBeGreaterThan(40);
    expect(drawn.map(({ lo }) => lo & 0x3f_ffff)).toEqual(drawn.map((_, slot) => slot));
    for (const { hi, lo } of drawn) expect(table.get(hi, lo)).toBeDefined();
  });

  it("is told, with what of it cannot be", () => {
    expect(describeSpiLabel({ spi_label: 1n, spi_mask: 0n }, charon)).toEqual([]);
    expect(describeSpiLabel({ spi_label: 0xabn << 56n, spi_mask: 0xffn << 56n }, charon)).toEqual([
      "using SPI label 0xab00000000000000 and mask 0xff00000000000000",
    ]);
    expect(describeSpiLabel({ spi_label: 0n, spi_mask: 0xffn }, charon)).toEqual([
      "using SPI label 0x0000000000000000 and mask 0x00000000000000ff",
      "spi_mask: the last 22 bits of SPIs find the IKE_SA and are not labelled",
    ]);
  });

  it("is refused where SPIs could be guessed", () => {
    expect(() => describeSpiLabel({ spi_label: 0n, spi_mask: 0xffff_ffc0_0000_0000n }, charon)).not.toThrow();
    expect(() => describeSpiLabel({ spi_label: 0n, spi_mask: 0xffff_ffe0_0000_0000n }, charon)).toThrow(
      "charon.spi_mask: it leaves 15 random bits, less than 16",
    );
  });
});
