import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { PacedSession } from "../src/paced/paced-session.js";
import { Retransmissions, isGivenUp } from "../src/paced/retransmissions.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

function setup() {
  const again: [number, number][] = [];
  const retransmissions: Retransmissions = new Retransmissions((session, times) => {
    again.push([session.number, times]);
    if (!isGivenUp(times)) retransmissions.sent(session, times);
  });
  const run = (afterMs: number): [number, number][] => {
    vi.advanceTimersByTime(afterMs);
    retransmissions.run();
    return again.splice(0);
  };
  return { retransmissions, run };
}

describe("requests of the paced client", () => {
  it("are sent again after 4 s, 7.2 s and so on, and given up after the fifth time", () => {
    const { retransmissions, run } = setup();
    retransmissions.sent(new PacedSession(1, 1), 0);
    expect(run(3999)).toEqual([]);
    expect(run(1)).toEqual([[1, 1]]);
    expect(run(7199)).toEqual([]);
    expect(run(1)).toEqual([[1, 2]]);
    expect([run(12_960), run(23_328), run(41_990), run(75_583), run(1e6)]).toEqual([[[1, 3]], [[1, 4]], [[1, 5]], [[1, 6]], []]);
    expect([5, 6].map(isGivenUp)).toEqual([false, true]);
  });

  it("are not when they were answered, or the session is over", () => {
    const { retransmissions, run } = setup();
    const [answered, over, waiting] = [new PacedSession(1, 1), new PacedSession(2, 1), new PacedSession(3, 1)];
    for (const session of [answered, over, waiting]) retransmissions.sent(session, 0);
    answered.requests++;
    over.isOver = true;
    expect(run(4000)).toEqual([[3, 1]]);
  });

  it("are found in any number", () => {
    const { retransmissions, run } = setup();
    for (let i = 0; i < 10_000; i++) {
      retransmissions.sent(new PacedSession(i, 1), 0);
      vi.advanceTimersByTime(1);
    }
    expect(run(0)).toEqual(Array.from({ length: 6001 }, (_, i) => [i, 1]));
    expect(run(4000 - 1)).toEqual(Array.from({ length: 3999 }, (_, i) => [i + 6001, 1]));
  });
});
