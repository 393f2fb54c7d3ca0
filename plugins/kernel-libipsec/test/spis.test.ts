import { expect, it } from "vitest";
import { Spis } from "../src/spis.js";

it("shards never have the same SPI, and all are of the range", () => {
  const range = { min: 1000, max: 1011 };
  const all: number[] = [];
  for (let shard = 0; shard < 3; shard++) {
    const spis = new Spis(range, shard, 3);
    for (let spi = spis.allocate(); spi !== undefined; spi = spis.allocate()) all.push(spi);
    spis.release(all.at(-1)!);
    expect(spis.allocate()).toBe(all.at(-1));
  }
  expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => 1000 + i));
});
