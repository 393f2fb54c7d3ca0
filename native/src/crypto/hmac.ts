import { binding } from "./crypto-binding.js";
import { LengthError, requireLength, requireSpec } from "./crypto-error.js";

/** Hashes that the addon has an HMAC with stored midstates for. */
export type HmacHash = "MD5" | "SHA1" | "SHA256" | "SHA384" | "SHA512";

/** HMAC (RFC 2104) as a PRF. The state is the hash's chaining values after the inner and the outer key block: as secret as the key. */
export class HmacPrf {
  readonly outputBytes: number;
  readonly keyBytes: number;
  readonly hasFixedKey = false;
  readonly stateBytes: number;
  readonly #id: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED */
  constructor(hash: HmacHash) {
    const spec = requireSpec(binding.hmacSpec(hash), `HMAC-${hash}`);
    this.#id = spec.id;
    this.outputBytes = spec.hashBytes;
    this.keyBytes = spec.hashBytes;
    this.stateBytes = spec.stateBytes;
  }

  /** Keys of any length. */
  setKey(key: Uint8Array, state: Uint8Array): void {
    binding.hmacSetKey(this.#id, key, state);
  }

  compute(state: Uint8Array, data: Uint8Array, out: Uint8Array): void {
    if (out.length !== this.outputBytes) throw new LengthError("out", out.length, this.outputBytes);
    binding.hmacCompute(this.#id, state, data, out);
  }

  /** All rounds of prf+ in one call. */
  expand(state: Uint8Array, seed: Uint8Array, out: Uint8Array): void {
    binding.hmacExpand(this.#id, state, seed, out);
  }
}

/** HMAC as an integrity algorithm, its checksum cut to `icvBytes`. */
export class HmacSigner {
  readonly keyBytes: number;
  readonly stateBytes: number;
  readonly #id: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED */
  constructor(
    hash: HmacHash,
    readonly icvBytes: number,
  ) {
    const spec = requireSpec(binding.hmacSpec(hash), `HMAC-${hash}`);
    if (icvBytes < 1 || icvBytes > spec.hashBytes) throw new LengthError("icv", icvBytes, spec.hashBytes);
    this.#id = spec.id;
    this.keyBytes = spec.hashBytes;
    this.stateBytes = spec.stateBytes;
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    requireLength("key", key, this.keyBytes);
    binding.hmacSetKey(this.#id, key, state);
  }

  sign(state: Uint8Array, data: Uint8Array, icv: Uint8Array): void {
    if (icv.length !== this.icvBytes) throw new LengthError("icv", icv.length, this.icvBytes);
    binding.hmacCompute(this.#id, state, data, icv);
  }

  verify(state: Uint8Array, data: Uint8Array, icv: Uint8Array): boolean {
    if (icv.length !== this.icvBytes) throw new LengthError("icv", icv.length, this.icvBytes);
    return binding.hmacVerify(this.#id, state, data, icv);
  }
}
