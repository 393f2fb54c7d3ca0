import { SLOT_BITS } from "./spi-table.js";
import type { SpiLabel } from "./spi-table.js";

/** Bits of an SPI that no label changes: those of the slot number, the last ones. */
export const SPI_SLOT_MASK = (1n << BigInt(SLOT_BITS)) - 1n;

/** The values of `charon.spi_label` and `charon.spi_mask`. */
export interface SpiLabelOptions {
  readonly spi_label: bigint;
  readonly spi_mask: bigint;
}

/** The label as the table of IKE_SAs wants it. */
export function spiLabel({ spi_label: label, spi_mask: mask }: SpiLabelOptions): SpiLabel {
  const usable = mask & ~SPI_SLOT_MASK;
  const marked = label & usable;
  return { maskHi: Number(usable >> 32n), maskLo: half(usable), hi: Number(marked >> 32n), lo: half(marked) };
}

const half = (value: bigint): number => Number(value & 0xffff_ffffn);
