import { SPI_SLOT_MASK } from "@cygnet/ike";
import type { SpiLabelOptions } from "@cygnet/ike";
import { optionError } from "@cygnet/runtime";
import type { SettingsView } from "@cygnet/settings";

/** Bits of an SPI that must stay random, so that nobody guesses it. */
const MIN_RANDOM_BITS = 16;

/**
 * What there is to tell about the label of our SPIs.
 * @throws {OptionError} CYG_OPTION_VALUE where too little of the SPIs would be random
 */
export function checkSpiLabel({ spi_label: label, spi_mask: mask }: SpiLabelOptions, charon: SettingsView): string[] {
  if (mask === 0n) return [];
  const slotBits = ones(SPI_SLOT_MASK);
  const random = 64 - slotBits - ones(mask & ~SPI_SLOT_MASK);
  if (random < MIN_RANDOM_BITS)
    throw optionError(charon, "spi_mask", `it leaves ${random} random bits, less than ${MIN_RANDOM_BITS}`);
  const lines = [`using SPI label ${hex(label)} and mask ${hex(mask)}`];
  if ((mask & SPI_SLOT_MASK) !== 0n)
    lines.push(`spi_mask: the last ${slotBits} bits of SPIs find the IKE_SA and are not labelled`);
  return lines;
}

const ones = (value: bigint): number => value.toString(2).replaceAll("0", "").length;
const hex = (value: bigint): string => `0x${value.toString(16).padStart(16, "0")}`;
