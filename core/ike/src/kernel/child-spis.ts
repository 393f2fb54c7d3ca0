const NONE: readonly number[] = [];

/**
 * The CHILD_SAs in the kernel, by unique id, for the SPIs of both their SAs: to find the one that the kernel tells something of. Numbers, since
 * CHILD_SAs at rest are no objects.
 */
export class ChildSpis {
  /** Peers choose the outbound SPIs, so that several may have the same. */
  readonly #childIds = new Map<number, readonly number[]>();

  get size(): number {
    return this.#childIds.size;
  }

  add(spi: number, childId: number): void {
    this.#childIds.set(spi, [...this.of(spi), childId]);
  }

  delete(spi: number, childId: number): void {
    const left = this.of(spi).filter((other) => other !== childId);
    if (left.length > 0) this.#childIds.set(spi, left);
    else this.#childIds.delete(spi);
  }

  /** Those with an SA of this SPI. */
  of(spi: number): readonly number[] {
    return this.#childIds.get(spi) ?? NONE;
  }
}
