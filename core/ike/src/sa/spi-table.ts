/**
 * The SPIs that a shard draws.
 *
 * An SPI that we draw carries the number of the slot its IKE_SA sits in, so a lookup is an array access and a comparison:
 *
 *   hi  32 random bits, never all zero
 *   lo  10 random bits | 22 bits slot number
 */
export const SLOT_BITS = 22;
const SLOT_MASK = (1 << SLOT_BITS) - 1;

/** IKE_SAs a shard can hold: the slot numbers there are. */
const MAX_SLOTS = 1 << SLOT_BITS;

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

const FIRST_CAPACITY = 1024;

/** SPIs of IKE_SAs by the slots that they name, in typed arrays. */
export class SpiTable {
  /** First halves of the SPIs in use, which are never 0; 0 for a slot without one. */
  #hi = new Uint32Array(FIRST_CAPACITY);
  #lo = new Uint32Array(FIRST_CAPACITY);
  readonly #free: number[] = [];
  /** Slots from here on were never used. */
  #untouched = 0;
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

  /** SPIs in use. */
  get size(): number {
    return this.#size;
  }

  /** Draws an SPI for a slot that is free; `set` takes it into use. Undefined when the table is full. */
  draw(): Spi | undefined {
    const slot = this.#free.pop() ?? this.#untouched;
    if (slot >= MAX_SLOTS) return undefined;
    if (slot === this.#untouched) this.#untouched++;
    const { label } = this;
    for (;;) {
      const hi = ((this.random32() & ~label.maskHi) | label.hi) >>> 0;
      const lo = ((this.random32() & ~(SLOT_MASK | label.maskLo)) | label.lo | slot) >>> 0;
      if (hi !== 0 && this.isOurs(hi, lo)) return { hi, lo };
    }
  }

  /** Takes an SPI that was drawn into use. @returns its slot */
  set({ hi, lo }: Spi): number {
    const slot = lo & SLOT_MASK;
    if (slot >= this.#hi.length) this.#grow(slot);
    this.#hi[slot] = hi;
    this.#lo[slot] = lo;
    this.#size++;
    return slot;
  }

  /** Gives back an SPI that was drawn and not taken into use. */
  release(spi: Spi): void {
    this.#free.push(spi.lo & SLOT_MASK);
  }

  /** @returns the slot of an SPI that is in use, or -1 */
  find(hi: number, lo: number): number {
    const slot = lo & SLOT_MASK;
    return hi !== 0 && this.#hi[slot] === hi && this.#lo[slot] === lo ? slot : -1;
  }

  /** The SPI of a slot is not in use any more. */
  delete(slot: number): void {
    if (this.#hi[slot] === 0) return;
    this.#hi[slot] = this.#lo[slot] = 0;
    this.#free.push(slot);
    this.#size--;
  }

  #grow(slot: number): void {
    const capacity = Math.max(this.#hi.length * 2, 2 ** Math.ceil(Math.log2(slot + 1)));
    const [hi, lo] = [new Uint32Array(capacity), new Uint32Array(capacity)];
    hi.set(this.#hi);
    lo.set(this.#lo);
    this.#hi = hi;
    this.#lo = lo;
  }
}
