/** How many views a {@link Scratch} keeps. Lengths on the message path repeat; 32 slots hold all of a usual exchange. */
const VIEWS = 32;

/**
 * Reusable octets with views of any length, so that assembling the input of an algorithm allocates nothing: views that were
 * handed out are kept and found again by their length.
 *
 * One user at a time: contents and views are valid until the next call of `take`.
 */
export class Scratch {
  #bytes: Uint8Array;
  #views: (Uint8Array | undefined)[] = new Array<Uint8Array | undefined>(VIEWS).fill(undefined);
  #used = 0;

  constructor(bytes = 1024) {
    this.#bytes = new Uint8Array(bytes);
  }

  /** The first `length` octets, with whatever they held. Grows when needed; what they held is wiped then. */
  take(length: number): Uint8Array {
    if (length > this.#bytes.length) {
      this.#bytes.fill(0);
      this.#bytes = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      this.#views.fill(undefined);
    }
    if (length > this.#used) this.#used = length;
    const slot = length % VIEWS;
    const known = this.#views[slot];
    if (known !== undefined && known.length === length) return known;
    return (this.#views[slot] = this.#bytes.subarray(0, length));
  }

  /** Zeroes what was used since the last wipe. */
  wipe(): void {
    this.#bytes.fill(0, 0, this.#used);
    this.#used = 0;
  }
}
