import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Thinning } from "../src/thinning.js";

const INTERVAL_MS = 100;

/** A socket that is sent first messages evenly, of which a number can be served in an interval. Time goes by intervals. */
class Traffic {
  firstAdmitted: number;
  firstShed = 0;
  isClosed = false;
  share = 1;
  readonly shares: number[] = [];
  refuses = false;
  readonly refusals: unknown[] = [];
  readonly #due: (() => void)[] = [];
  readonly thinning: Thinning;

  constructor(admitted = 0) {
    this.firstAdmitted = admitted;
    this.thinning = new Thinning(this, {
      later: (callback, ms) => {
        expect(ms).toBe(INTERVAL_MS);
        this.#due.push(callback);
      },
      refused: (error) => this.refusals.push(error),
    });
  }

  deliverFirst(share: number): void {
    if (this.refuses) throw new Error("EPERM");
    this.share = share;
    this.shares.push(share);
  }

  get isWaiting(): boolean {
    return this.#due.length > 0;
  }

  /** @returns messages of the interval that the process had to look at */
  interval(sent: number, room: number): number {
    const arrived = Math.round(sent * this.share);
    const admitted = Math.min(arrived, room);
    // A first turn that sheds begins the count.
    this.firstShed = (this.firstShed + Math.min(1, arrived - admitted)) | 0;
    this.thinning.look();
    this.firstAdmitted = (this.firstAdmitted + admitted) | 0;
    this.firstShed = (this.firstShed + Math.max(0, arrived - admitted - 1)) | 0;
    this.thinning.look();
    for (const callback of this.#due.splice(0)) callback();
    return arrived;
  }
}

describe("thinning of first messages", () => {
  it("leaves little more to look at than can be served, and no less, whatever is sent", () => {
    const rooms = fc.integer({ min: 100, max: 5000 });
    fc.assert(
      fc.property(rooms, fc.double({ min: 2, max: 20, noNaN: true }), fc.integer(), (room, times, start) => {
        const traffic = new Traffic(start);
        const sent = Math.round(room * times);
        for (let i = 0; i < 5; i++) traffic.interval(sent, room);
        for (let i = 0; i < 20; i++) {
          const looked = traffic.interval(sent, room);
          expect(looked).toBeGreaterThanOrEqual(room);
          expect(looked).toBeLessThanOrEqual(1.5 * room);
        }
      }),
    );
  });

  it.each([0, 50])("ends within a second when no more than %s are sent", (sent) => {
    const traffic = new Traffic();
    for (let i = 0; i < 5; i++) traffic.interval(10_000, 100);
    expect(traffic.share).toBeLessThan(0.02);
    for (let i = 0; i < 10; i++) traffic.interval(sent, 100);
    expect(traffic.share).toBe(1);
    expect(traffic.isWaiting).toBe(false);
  });

  it("is left alone by load that can be served, and by a few that cannot", () => {
    const traffic = new Traffic();
    for (let i = 0; i < 10; i++) traffic.interval(1000, 1000);
    for (let i = 0; i < 10; i++) traffic.interval(1020, 1000);
    expect(traffic.shares).toEqual([]);
    expect(traffic.isWaiting).toBe(false);
  });

  it("keeps a little open when none can be served at all", () => {
    const traffic = new Traffic();
    for (let i = 0; i < 5; i++) traffic.interval(1000, 0);
    expect(traffic.share).toBe(1 / 64);
  });

  it("is given up where the kernel refuses, told once", () => {
    const traffic = new Traffic();
    traffic.refuses = true;
    for (let i = 0; i < 5; i++) traffic.interval(1000, 100);
    expect(traffic.refusals).toHaveLength(1);
    expect(traffic.isWaiting).toBe(false);
  });

  it("ends with the socket", () => {
    const traffic = new Traffic();
    traffic.interval(1000, 100);
    traffic.isClosed = true;
    traffic.interval(1000, 100);
    expect(traffic.isWaiting).toBe(false);
  });
});
