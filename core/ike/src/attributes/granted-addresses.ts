import type { AddressRange } from "./attribute-change.js";

/** The addresses of a pool that a shard may lease by itself, by their place in the pool. */
export class GrantedAddresses {
  #ranges: { from: number; to: number }[] = [];
  #left = 0;
  /** With fewer than this, more are wanted; 0 when that was said. */
  #lowMark = 0;

  add(ranges: readonly AddressRange[]): void {
    for (const { from, to } of ranges) {
      this.#ranges.push({ from, to });
      this.#left += to - from;
    }
    this.#lowMark = this.#left / 2;
  }

  /**
   * Takes one.
   * @param wanted the one that is asked for, -1 for any
   * @returns -1 when there is none, or not the one that is wanted
   */
  take(wanted: number): number {
    const at = wanted < 0 ? 0 : this.#ranges.findIndex(({ from, to }) => from <= wanted && wanted < to);
    const range = this.#ranges[at];
    if (!range) return -1;
    const offset = wanted < 0 ? range.from : wanted;
    if (offset > range.from) this.#ranges.push({ from: range.from, to: offset });
    range.from = offset + 1;
    if (range.from === range.to) this.#ranges.splice(at, 1);
    this.#left--;
    return offset;
  }

  /** Takes all that is left. */
  takeAll(): readonly AddressRange[] {
    const ranges = this.#ranges;
    this.#ranges = [];
    this.#left = 0;
    this.#lowMark = 0;
    return ranges;
  }

  /** Whether it is time to ask for more; true once after each `add`. */
  isRunningOut(): boolean {
    if (this.#left >= this.#lowMark) return false;
    this.#lowMark = 0;
    return true;
  }
}
