import { binding } from "./crypto-binding.js";
import { LengthError, requireLength } from "./crypto-error.js";

/**
 * SHA-1's compression function with a key: the key is xored to the initial value, and the output is the chaining value after the data,
 * without padding or length. This is G of FIPS 186-2 appendix 3.3, of use to the FIPS PRF only.
 *
 * Data are a multiple of 64 octets. Keys have at most 20, shorter ones are padded with zeros.
 */
export class KeyedSha1Prf {
  readonly outputBytes = 20;
  readonly keyBytes = 20;
  readonly hasFixedKey = false;
  readonly stateBytes = 20;

  setKey(key: Uint8Array, state: Uint8Array): void {
    requireLength("state", state, this.stateBytes);
    if (key.length > this.keyBytes) throw new LengthError("key", key.length, this.keyBytes);
    state.fill(0);
    state.set(key);
  }

  compute(state: Uint8Array, data: Uint8Array, out: Uint8Array): void {
    binding.keyedSha1(state, data, out);
  }
}
