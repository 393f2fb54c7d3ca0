/** Lets a number of requests run at a time, in the order in which they came. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param limit 0 for no limit */
  constructor(limit: number) {
    this.#free = limit === 0 ? Infinity : limit;
  }

  /** Resolves when a slot is the caller's. */
  async acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Hands the slot on. */
  release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
