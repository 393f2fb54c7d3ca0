import { LengthError } from "@cygnet/native";
import type { Hasher, Prf, Signer } from "@cygnet/plugin-api";
import { timingSafeEqual } from "node:crypto";

const INNER = 0x36;
const OUTER = 0x5c;

/**
 * HMAC (RFC 2104) over any hasher. The contract of a hasher is one call over all data, so this copies them behind the key block: right for
 * a hash that comes from a plugin or a device, not for the message path. The state is the inner key block, then the outer one.
 */
class GenericHmac {
  readonly stateBytes: number;
  readonly #hasher: Hasher;
  readonly #blockBytes: number;
  #inner: Uint8Array;
  readonly #outer: Uint8Array;

  /** @param blockBytes the hash's block size, 64 or 128 for MD5 to SHA-512 */
  constructor(hasher: Hasher, blockBytes: number) {
    this.#hasher = hasher;
    this.#blockBytes = blockBytes;
    this.stateBytes = 2 * blockBytes;
    this.#inner = new Uint8Array(blockBytes + 256);
    this.#outer = new Uint8Array(blockBytes + hasher.hashBytes);
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    if (state.length !== this.stateBytes) throw new LengthError("state", state.length, this.stateBytes);
    const block = new Uint8Array(this.#blockBytes);
    if (key.length > this.#blockBytes) this.#hasher.hash(key, block.subarray(0, this.#hasher.hashBytes));
    else block.set(key);
    for (let i = 0; i < block.length; i++) {
      state[i] = block[i] ^ INNER;
      state[block.length + i] = block[i] ^ OUTER;
    }
    block.fill(0);
  }

  /** Writes the whole HMAC to `out`, which has the hash's size. */
  compute(state: Uint8Array, data: Uint8Array, out: Uint8Array): void {
    if (state.length !== this.stateBytes) throw new LengthError("state", state.length, this.stateBytes);
    const size = this.#blockBytes + data.length;
    if (this.#inner.length < size) this.#inner = new Uint8Array(2 * size);
    this.#inner.set(state.subarray(0, this.#blockBytes));
    this.#inner.set(data, this.#blockBytes);
    this.#outer.set(state.subarray(this.#blockBytes));
    this.#hasher.hash(this.#inner.subarray(0, size), this.#outer.subarray(this.#blockBytes));
    this.#hasher.hash(this.#outer, out);
    this.#inner.fill(0, 0, size);
    this.#outer.fill(0);
  }
}

/** HMAC over any hasher as a PRF. */
export class GenericHmacPrf implements Prf {
  readonly outputBytes: number;
  readonly keyBytes: number;
  readonly hasFixedKey = false;
  readonly stateBytes: number;
  readonly #hmac: GenericHmac;

  constructor(hasher: Hasher, blockBytes: number) {
    this.#hmac = new GenericHmac(hasher, blockBytes);
    this.outputBytes = hasher.hashBytes;
    this.keyBytes = hasher.hashBytes;
    this.stateBytes = this.#hmac.stateBytes;
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    this.#hmac.setKey(key, state);
  }

  compute(state: Uint8Array, data: Uint8Array, out: Uint8Array): void {
    if (out.length !== this.outputBytes) throw new LengthError("out", out.length, this.outputBytes);
    this.#hmac.compute(state, data, out);
  }
}

/** HMAC over any hasher as an integrity algorithm, cut to `icvBytes`. */
export class GenericHmacSigner implements Signer {
  readonly keyBytes: number;
  readonly stateBytes: number;
  readonly #hmac: GenericHmac;
  readonly #full: Uint8Array;

  constructor(
    hasher: Hasher,
    blockBytes: number,
    readonly icvBytes: number,
  ) {
    this.#hmac = new GenericHmac(hasher, blockBytes);
    this.#full = new Uint8Array(hasher.hashBytes);
    this.keyBytes = hasher.hashBytes;
    this.stateBytes = this.#hmac.stateBytes;
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    if (key.length !== this.keyBytes) throw new LengthError("key", key.length, this.keyBytes);
    this.#hmac.setKey(key, state);
  }

  sign(state: Uint8Array, data: Uint8Array, icv: Uint8Array): void {
    if (icv.length !== this.icvBytes) throw new LengthError("icv", icv.length, this.icvBytes);
    this.#hmac.compute(state, data, this.#full);
    icv.set(this.#full.subarray(0, this.icvBytes));
    this.#full.fill(0);
  }

  verify(state: Uint8Array, data: Uint8Array, icv: Uint8Array): boolean {
    if (icv.length !== this.icvBytes) throw new LengthError("icv", icv.length, this.icvBytes);
    this.#hmac.compute(state, data, this.#full);
    const equal = timingSafeEqual(this.#full.subarray(0, this.icvBytes), icv);
    this.#full.fill(0);
    return equal;
  }
}
