import { Settings } from "@cygnet/settings";
import { describe, expect, it } from "vitest";
import { checkSpiLabel } from "../../src/options/spi-label-check.js";

const charon = Settings.fromObject({ charon: { spi_mask: "1" } }).section("charon");

describe("the label of SPIs", () => {
  it("is told, with what of it cannot be", () => {
    expect(checkSpiLabel({ spi_label: 1n, spi_mask: 0n }, charon)).toEqual([]);
    expect(checkSpiLabel({ spi_label: 0xabn << 56n, spi_mask: 0xffn << 56n }, charon)).toEqual([
      "using SPI label 0xab00000000000000 and mask 0xff00000000000000",
    ]);
    expect(checkSpiLabel({ spi_label: 0n, spi_mask: 0xffn }, charon)).toEqual([
      "using SPI label 0x0000000000000000 and mask 0x00000000000000ff",
      "spi_mask: the last 22 bits of SPIs find the IKE_SA and are not labelled",
    ]);
  });

  it("is refused where SPIs could be guessed", () => {
    expect(() => checkSpiLabel({ spi_label: 0n, spi_mask: 0xffff_ffc0_0000_0000n }, charon)).not.toThrow();
    expect(() => checkSpiLabel({ spi_label: 0n, spi_mask: 0xffff_ffe0_0000_0000n }, charon)).toThrow(
      "charon.spi_mask: it leaves 15 random bits, less than 16",
    );
  });
});
