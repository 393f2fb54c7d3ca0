import { LengthError } from "@cygnet/native";
import type { Prf } from "@cygnet/plugin-api";

/** b of FIPS 186-2, in octets: XKEY, XSEED and each output of G. */
const B_BYTES = 20;
/** G takes one block of SHA-1, its second argument padded with zeros. */
const BLOCK_BYTES = 64;
/** x has two outputs of G. */
const X_BYTES = 2 * B_BYTES;

/**
 * The random number generator of FIPS 186-2 appendix 3.1 as change notice 1 (general purpose) has it, as EAP-SIM and EAP-AKA use it
 * (RFC 4186 appendix B). The key is XKEY, the data are XSEED (at most 20 octets, none for zero), the output is x0.
 */
export class FipsPrf implements Prf {
  readonly outputBytes = X_BYTES;
  readonly keyBytes = B_BYTES;
  readonly hasFixedKey = true;
  readonly stateBytes = B_BYTES;
  readonly #g: Prf;
  readonly #initial: Uint8Array;

  /** @param keyedSha1 PRF_KEYED_SHA1; with a key of zeros it is G(t, c) with SHA-1's initial value as t */
  constructor(keyedSha1: Prf) {
    this.#g = keyedSha1;
    this.#initial = new Uint8Array(keyedSha1.stateBytes);
    keyedSha1.setKey(new Uint8Array(B_BYTES), this.#initial);
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    if (key.length !== B_BYTES) throw new LengthError("key", key.length, B_BYTES);
    if (state.length !== B_BYTES) throw new LengthError("state", state.length, B_BYTES);
    state.set(key);
  }

  compute(state: Uint8Array, data: Uint8Array, out: Uint8Array): void {
    if (out.length !== X_BYTES) throw new LengthError("out", out.length, X_BYTES);
    this.generate(state, data, out);
  }

  /**
   * The first `out.length` octets of x0 | x1 | ..., with the same XSEED each time: EAP-SIM takes 160 octets. Not prf+, so it is not `expand`.
   */
  generate(state: Uint8Array, seed: Uint8Array, out: Uint8Array): void {
    if (state.length !== B_BYTES) throw new LengthError("state", state.length, B_BYTES);
    if (seed.length > B_BYTES) throw new LengthError("data", seed.length, B_BYTES);
    const key = state.slice();
    const block = new Uint8Array(BLOCK_BYTES);
    const xval = block.subarray(0, B_BYTES);
    const w = new Uint8Array(B_BYTES);
    for (let at = 0; at < out.length; at += B_BYTES) {
      xval.set(key);
      add(xval, seed, 0);
      this.#g.compute(this.#initial, block, w);
      out.set(w.subarray(0, Math.min(B_BYTES, out.length - at)), at);
      add(key, w, 1);
    }
    key.fill(0);
    block.fill(0);
    w.fill(0);
  }
}

/** sum += addend + carry modulo 2^160, both big-endian. */
function add(sum: Uint8Array, addend: Uint8Array, carry: number): void {
  const shift = sum.length - addend.length;
  for (let i = sum.length - 1; i >= 0; i--) {
    const digit = sum[i] + (i >= shift ? addend[i - shift] : 0) + carry;
    sum[i] = digit & 0xff;
    carry = digit >> 8;
  }
}
