import { describe, expect, it } from "vitest";
import { SaNumbers } from "../src/shard/sa-numbers.js";

const draw = (numbers: SaNumbers, count: number): number[] => Array.from({ length: count }, () => numbers.nextIkeSa());

describe("SaNumbers", () => {
  it("go round the shards, and are drawn apart for IKE_SAs and CHILD_SAs", () => {
    const memory = SaNumbers.memory(2);
    const [first, second] = [0, 1].map((index) => new SaNumbers(memory, { index, shards: 2 }));
    expect([draw(first!, 3), draw(second!, 2)]).toEqual([
      [1, 3, 5],
      [2, 4],
    ]);
    expect([first!.nextChildSa(), second!.nextChildSa()]).toEqual([1, 2]);
  });

  it("go on where a shard that is gone left off", () => {
    const memory = SaNumbers.memory(3);
    const place = { index: 1, shards: 3 };
    expect(draw(new SaNumbers(memory, place), 2)).toEqual([2, 5]);
    expect(draw(new SaNumbers(memory, place), 2)).toEqual([8, 11]);
  });
});
