import { InternalError } from "@cygnet/plugin-api";
import type { Prf } from "@cygnet/plugin-api";
import { Scratch } from "./scratch.js";

/** The round number is one octet, RFC 7296 section 2.13. */
const MAX_ROUNDS = 255;

const input = new Scratch(512);
const block = new Scratch(64);

/**
 * prf+ of RFC 7296 section 2.13: `out` = T1 | T2 | ... with T1 = prf(K, S | 1), Tn = prf(K, Tn-1 | S | n).
 *
 * Uses the provider's `expand` where it has one. Intermediate values are zeroed.
 *
 * @param state from `prf.setKey`
 * @param out at most 255 outputs of the PRF; may not overlap `seed` or `state`
 * @throws {InternalError} when `out` is longer
 */
export function prfPlus(prf: Prf, state: Uint8Array, seed: Uint8Array, out: Uint8Array): void {
  if (prf.expand === undefined) expandWithCompute(prf, state, seed, out);
  else {
    checkLength(prf, out);
    prf.expand(state, seed, out);
  }
}

/** prf+ by single calls of `compute`, also for providers that have `expand`: what their answer is checked against. */
export function expandWithCompute(prf: Prf, state: Uint8Array, seed: Uint8Array, out: Uint8Array): void {
  checkLength(prf, out);
  const size = prf.outputBytes;
  const chained = input.take(size + seed.length + 1);
  const first = chained.subarray(size);
  const output = block.take(size);
  chained.set(seed, size);
  for (let at = 0, round = 1; at < out.length; at += size, round++) {
    chained[chained.length - 1] = round;
    prf.compute(state, round === 1 ? first : chained, output);
    chained.set(output, 0);
    const count = Math.min(size, out.length - at);
    for (let i = 0; i < count; i++) out[at + i] = output[i];
  }
  input.wipe();
  block.wipe();
}

function checkLength(prf: Prf, out: Uint8Array): void {
  if (out.length > MAX_ROUNDS * prf.outputBytes) throw new InternalError(`prf+ output of ${out.length} octets is too long`);
}
