import { optionError } from "@cygnet/runtime";
import type { SettingsView } from "@cygnet/settings";
import { SLOT_BITS } from "./spi-table.js";
import type { SpiLabel } from "./spi-table.js";

/** Bits of an SPI that must stay random, so that nobody guesses it. */
const RANDOM_BITS = 16;
const SLOT_MASK = (1n << BigInt(SLOT_BITS)) - 1n;

/** The values of `charon.spi_label` and `charon.spi_mask`. */
export interface SpiLabelOptions {
  readonly spi_label: bigint;
  readonly spi_mask: bigint;
}

/** The label as the table of IKE_SAs wants it; the bits of the slot number stay as they are. */
export function spiLabel({ spi_label: label, spi_mask: mask }: SpiLabelOptions): SpiLabel {
  const usable = mask & ~SLOT_MASK;
  const marked = label & usable;
  return { maskHi: Number(usable >> 32n), maskLo: half(usable), hi: Number(marked >> 32n), lo: half(marked) };
}

/**
 * What there is to tell about a label.
 * @throws {OptionError} CYG_OPTION_VALUE where too little of the SPIs would be random
 */
export function describeSpiLabel({ spi_label: label, spi_mask: mask }: SpiLabelOptions, charon: SettingsView): string[] {
  if (mask === 0n) return [];
  const labelled = (mask & ~SLOT_MASK).toString(2).replaceAll("0", "").length;
  const random = 64 - SLOT_BITS - labelled;
  if (random < RANDOM_BITS) throw optionError(charon, "spi_mask", `it leaves ${random} random bits, less than ${RANDOM_BITS}`);
  const hex = (value: bigint): string => `0x${value.toString(16).padStart(16, "0")}`;
  const lines = [`using SPI label ${hex(label)} and mask ${hex(mask)}`];
  if ((mask & SLOT_MASK) !== 0n) lines.push(`spi_mask: the last ${SLOT_BITS} bits of SPIs find the IKE_SA and are not labelled`);
  return lines;
}

const half = (value: bigint): number => Number(value & 0xffff_ffffn);
