import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { expandWithCompute, prfPlus } from "../src/index.js";
import { nodePrf } from "./support/node-algorithms.js";

const key = Uint8Array.from({ length: 20 }, (_, i) => i);
const seed = Uint8Array.from({ length: 80 }, (_, i) => 255 - i);

/** T1 | T2 | ... as RFC 7296 section 2.13 writes it. */
function reference(length: number): Uint8Array {
  const parts: Buffer[] = [];
  for (let n = 1, last = Buffer.alloc(0); n * 20 < length + 20; n++) {
    last = createHmac("sha1", key)
      .update(Buffer.concat([last, seed, Uint8Array.of(n)]))
      .digest();
    parts.push(last);
  }
  return Uint8Array.from(Buffer.concat(parts).subarray(0, length));
}

describe("prfPlus", () => {
  const prf = nodePrf("sha1", 20);
  const state = new Uint8Array(prf.stateBytes);
  prf.setKey(key, state);

  it.each([0, 1, 19, 20, 21, 40, 133, 255 * 20])("chains the rounds for %i octets", (length) => {
    const out = new Uint8Array(length);
    prfPlus(prf, state, seed, out);
    expect(out).toEqual(reference(length));
  });

  it("leaves it to a provider that can expand", () => {
    const calls: number[] = [];
    const able = { ...prf, expand: (_: Uint8Array, __: Uint8Array, out: Uint8Array) => void calls.push(out.fill(7).length) };
    const out = new Uint8Array(50);
    prfPlus(able, state, seed, out);
    expect(calls).toEqual([50]);
    expandWithCompute(able, state, seed, out);
    expect(out).toEqual(reference(50));
  });

  it("refuses more than 255 rounds", () => {
    const tooLong = new Uint8Array(255 * 20 + 1);
    expect(() => prfPlus(prf, state, seed, tooLong)).toThrow("too long");
    expect(() => prfPlus({ ...prf, expand: () => undefined }, state, seed, tooLong)).toThrow("too long");
  });
});
