/**
 * The IKE_SAs of a shard by their own SPI.
 *
 * An SPI that we draw carries the number of the slot its IKE_SA sits in, so a lookup is an array access and a comparison:
 *
 *   hi  32 random bits, never all zero
 *   lo  10 random bits | 22 bits slot number
 */
export const SLOT_BITS = 22;
const SLOT_MASK = (1 << SLOT_BITS) - 1;

/** IKE_SAs a shard can hold: the slot numbers there are. */
export const MAX_SLOTS = 1 << SLOT_BITS;

/** What the table can hold: something that knows its own SPI. */
export interface HasOwnSpi {
  readonly ownSpiHi: number;
  readonly ownSpiLo: number;
}

/** An SPI as two unsigned 32 bit halves. */
export interface Spi {
  readonly hi: number;
  readonly lo: number;
}

/** Bits of all SPIs that are not random. What `lo` holds of it is outside of the slot number, and some of `hi` must stay random. */
export interface SpiLabel {
  readonly maskHi: number;
  readonly maskLo: number;
  readonly hi: number;
  readonly lo: number;
}

const NO_LABEL: SpiLabel = { maskHi: 0, maskLo: 0, hi: 0, lo: 0 };

/** 53 of the 64 bits of any SPI as a number, for a map; compare the rest. */
export const spiKey = (hi: number, lo: number): number => (hi & 0x1f_ffff) * 0x1_0000_0000 + lo;

export class SpiTable<T extends HasOwnSpi> {
  readonly #slots: (T | undefined)[] = [];
  readonly #free: number[] = [];
  #size = 0;

  /**
   * @param random32 gives 32 random bits, unsigned
   * @param isOurs whether messages with an SPI are steered to this shard
   */
  constructor(
    private readonly random32: () => number,
    private readonly label: SpiLabel = NO_LABEL,
    private readonly isOurs: (hi: number, lo: number) => boolean = () => true,
  ) {}

  /** IKE_SAs in the table. */
  get size(): number {
    return this.#size;
  }

  /** Draws an SPI for a slot that is free; `set` puts an IKE_SA there. Undefined when the table is full. */
  draw(): Spi | undefined {
    const slot = this.#free.pop() ?? this.#slots.length;
    if (slot >= MAX_SLOTS) return undefined;
    if (slot === this.#slots.length) this.#slots.push(undefined);
    const { label } = this;
    for (;;) {
      const hi = ((this.random32() & ~label.maskHi) | label.hi) >>> 0;
      const lo = ((this.random32() & ~(SLOT_MASK | label.maskLo)) | label.lo | slot) >>> 0;
      if (hi !== 0 && this.isOurs(hi, lo)) return { hi, lo };
    }
  }

  /** Puts an IKE_SA into the slot its SPI was drawn for. */
  set(entry: T): void {
    this.#slots[entry.ownSpiLo & SLOT_MASK] = entry;
    this.#size++;
  }

  /** Gives back an SPI whose IKE_SA never came to be. */
  release(spi: Spi): void {
    this.#free.push(spi.lo & SLOT_MASK);
  }

  get(hi: number, lo: number): T | undefined {
    const entry = this.#slots[lo & SLOT_MASK];
    return entry !== undefined && entry.ownSpiLo === lo && entry.ownSpiHi === hi ? entry : undefined;
  }

  /** @returns whether it was there */
  delete(entry: T): boolean {
    const slot = entry.ownSpiLo & SLOT_MASK;
    if (this.#slots[slot] !== entry) return false;
    this.#slots[slot] = undefined;
    this.#free.push(slot);
    this.#size--;
    return true;
  }

  /** Visits in slot order from `from`; tolerates changes on the way. @returns the slot to go on from, or -1 at the end */
  visit(from: number, count: number, each: (entry: T) => void): number {
    const end = Math.min(from + count, this.#slots.length);
    for (let slot = from; slot < end; slot++) {
      const entry = this.#slots[slot];
      if (entry !== undefined) each(entry);
    }
    return end >= this.#slots.length ? -1 : end;
  }
}
