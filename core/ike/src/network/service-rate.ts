/** Long enough for a few hundred handshakes, and for a pause of the garbage collection not to matter much. */
const INTERVAL_MS = 250;
/** Weight of the latest interval. */
const WEIGHT = 0.5;

/** How fast a queue is served, seen only while it is never empty: otherwise it is not the service that bounds the rate. */
export class ServiceRate {
  /** Since the interval began; whoever serves counts. */
  served = 0;
  #sinceMs = 0;
  #wasBusy = false;
  #perMs = 0;

  /** Served in a millisecond; 0 before it was measured. */
  get perMs(): number {
    return this.#perMs;
  }

  /** @param isBusy whether something waits @returns whether the rate was measured anew */
  turnEnded(nowMs: number, isBusy: boolean): boolean {
    if (!isBusy || !this.#wasBusy) {
      this.#begin(nowMs, isBusy);
      return false;
    }
    const elapsed = nowMs - this.#sinceMs;
    if (elapsed < INTERVAL_MS) return false;
    const measured = this.served / elapsed;
    this.#perMs = this.#perMs === 0 ? measured : WEIGHT * measured + (1 - WEIGHT) * this.#perMs;
    this.#begin(nowMs, true);
    return true;
  }

  #begin(nowMs: number, isBusy: boolean): void {
    this.#sinceMs = nowMs;
    this.#wasBusy = isBusy;
    this.served = 0;
  }
}
