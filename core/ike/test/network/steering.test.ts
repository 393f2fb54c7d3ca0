import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SteeringKey } from "@cygnet/plugin-api";
import { shardOfDatagram, shardOfSpi } from "../../src/index.js";

const KEY: SteeringKey = { shards: 16, word0: 0x12345678, word1: 0x9abcdef0 };
const SPI_I = [0x11111111, 0x22222222] as const;
const SPI_R = [0x33333333, 0x44444444] as const;
/** The two lead to different shards, or the cases below would show nothing. */
const [BY_I, BY_R] = [shardOfSpi(KEY, ...SPI_I), shardOfSpi(KEY, ...SPI_R)];

function header({ spiR = SPI_R as readonly [number, number], version = 0x20, flags = 0 }): Uint8Array {
  const data = new Uint8Array(28);
  const view = new DataView(data.buffer);
  [...SPI_I, ...spiR].forEach((word, i) => view.setUint32(i * 4, word));
  data[17] = version;
  data[19] = flags;
  return data;
}

const shardOf = (data: Uint8Array, natT = false): number => shardOfDatagram(KEY, data, data.length, natT);
const marked = (data: Uint8Array): Uint8Array => Uint8Array.of(0, 0, 0, 0, ...data);

describe("the steering function", () => {
  it("tells the test's two SPIs apart, neither leading to shard 0", () => {
    expect(new Set([BY_I, BY_R, 0]).size).toBe(3);
  });

  it.each([
    ["IKEv2 with I flag: the responder's SPI", header({ flags: 0x08 }), BY_R],
    ["IKEv2 with I flag among others", header({ flags: 0x28 }), BY_R],
    ["IKEv2 with I flag, half of the responder's SPI zero", header({ flags: 0x08, spiR: [0, 5] }), shardOfSpi(KEY, 0, 5)],
    ["IKEv2 with I flag, no responder's SPI yet: the initiator's", header({ flags: 0x08, spiR: [0, 0] }), BY_I],
    ["IKEv2 without I flag: the initiator's", header({ flags: 0x20 }), BY_I],
    ["a later minor version", header({ version: 0x2f, flags: 0x08 }), BY_R],
    ["IKEv1: the initiator's cookie, whatever the flags", header({ version: 0x10, flags: 0x08 }), BY_I],
    ["a later major version: the initiator's", header({ version: 0x30, flags: 0x08 }), BY_I],
  ])("%s", (_, data, shard) => {
    expect(shardOf(data)).toBe(shard);
    expect(shardOf(marked(data), true)).toBe(shard);
  });

  it("gives what is no IKE message to shard 0", () => {
    const data = header({ flags: 0x08 });
    for (let length = 0; length < 28; length++) expect(shardOf(data.subarray(0, length))).toBe(0);
    for (let length = 0; length < 32; length++) expect(shardOf(marked(data).subarray(0, length), true)).toBe(0);
    expect(shardOf(Uint8Array.of(0, 0, 0, 1, ...data), true)).toBe(0);
    expect(shardOf(Uint8Array.of(0xff), true)).toBe(0);
  });

  it("looks at the datagram, not at what stands behind it in its slot", () => {
    expect(shardOfDatagram(KEY, header({ flags: 0x08 }), 27, false)).toBe(0);
  });

  it("names a shard that there is", () => {
    const u32 = fc.integer({ min: 0, max: 0xffffffff });
    fc.assert(
      fc.property(u32, u32, u32, u32, fc.integer({ min: 1, max: 1024 }), (word0, word1, hi, lo, shards) => {
        const shard = shardOfSpi({ shards, word0, word1 }, hi, lo);
        return Number.isInteger(shard) && shard >= 0 && shard < shards;
      }),
      { seed: 1 },
    );
  });

  it("is another one with another key", () => {
    for (const other of [
      { ...KEY, word0: 1 },
      { ...KEY, word1: 1 },
    ]) {
      const same = Array.from({ length: 1600 }, (_, i) => shardOfSpi(KEY, i, i * 7) === shardOfSpi(other, i, i * 7));
      // Chance agrees on 100 of them; 200 would be ten standard deviations more.
      expect(same.filter(Boolean).length).toBeLessThan(200);
    }
  });

  it.each([2, 3, 4, 7, 16, 64])("spreads SPIs evenly over %i shards, however they are drawn", (shards) => {
    const key = { ...KEY, shards };
    const COUNT = 64_000;
    const random = xorshift(0xc0ffee);
    const draws: readonly ((i: number) => readonly [number, number])[] = [
      () => [random(), random()],
      // Counters in either half, and SPIs of which only a few bits are random, as the slot number's are not.
      (i) => [i, 0],
      (i) => [0, i],
      (i) => [0xabcd0000, (i << 12) >>> 0],
      (i) => [random(), i & 0xff],
    ];
    for (const draw of draws) {
      const counts = new Float64Array(shards);
      for (let i = 0; i < COUNT; i++) counts[shardOfSpi(key, ...draw(i))]++;
      const expected = COUNT / shards;
      const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
      // Mean shards - 1, variance twice that: five standard deviations and some for the skew of few degrees of freedom.
      expect(chiSquare).toBeLessThan(shards - 1 + 5 * Math.sqrt(2 * (shards - 1)) + 10);
    }
  });
});

function xorshift(seed: number): () => number {
  let x = seed;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}
