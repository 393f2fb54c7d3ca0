import { describe, expect, it } from "vitest";
import { ServiceRate } from "../../src/network/service-rate.js";

/** Serves `perTurn` in each of some turns of 10 ms. @returns how often the rate was measured */
function serve(rate: ServiceRate, fromMs: number, turns: number, perTurn: number, isBusy = true): number {
  let measured = 0;
  for (let turn = 1; turn <= turns; turn++) {
    rate.served += perTurn;
    if (rate.turnEnded(fromMs + turn * 10, isBusy)) measured++;
  }
  return measured;
}

describe("the rate at which a queue is served", () => {
  it("is unknown until the queue was not empty for a while", () => {
    const rate = new ServiceRate();
    expect(serve(rate, 0, 100, 3, false)).toBe(0);
    expect(serve(rate, 1000, 20, 3)).toBe(0);
    expect(rate.perMs).toBe(0);
  });

  it("follows what is served while something waits", () => {
    const rate = new ServiceRate();
    expect(serve(rate, 0, 101, 20)).toBe(4);
    expect(rate.perMs).toBe(2);
    serve(rate, 1010, 25, 40);
    expect(rate.perMs).toBe(3);
  });

  it("is not that of times in which the queue was empty", () => {
    const rate = new ServiceRate();
    serve(rate, 0, 26, 20);
    serve(rate, 260, 100, 0, false);
    serve(rate, 1260, 1, 0);
    expect(serve(rate, 1270, 25, 20)).toBe(1);
    expect(rate.perMs).toBe(2);
  });
});
