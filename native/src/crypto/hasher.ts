import { binding } from "./crypto-binding.js";
import { LengthError, requireSpec } from "./crypto-error.js";

export type HashName =
  "MD4" | "MD5" | "SHA1" | "SHA224" | "SHA256" | "SHA384" | "SHA512" | "SHA3-224" | "SHA3-256" | "SHA3-384" | "SHA3-512";

/** A hash of OpenSSL. */
export class NativeHasher {
  readonly hashBytes: number;
  readonly #id: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED */
  constructor(readonly algorithm: HashName) {
    const spec = requireSpec(binding.hashSpec(algorithm), algorithm);
    this.#id = spec.id;
    this.hashBytes = spec.hashBytes;
  }

  /** `out` has exactly `hashBytes` octets. */
  hash(data: Uint8Array, out: Uint8Array): void {
    binding.hash(this.#id, data, out);
  }
}

/**
 * The "identity" hash of RFC 8420, for signature schemes that hash the message themselves: the output is the data.
 * It has no size of its own (`hashBytes` is 0), so `out` is as long as the data.
 */
export class IdentityHasher {
  readonly hashBytes = 0;

  hash(data: Uint8Array, out: Uint8Array): void {
    if (out.length !== data.length) throw new LengthError("out", out.length, data.length);
    out.set(data);
  }
}
