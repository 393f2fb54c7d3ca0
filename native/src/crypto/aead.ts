import { binding } from "./crypto-binding.js";
import { requireLength, requireSpec } from "./crypto-error.js";

/** The last number of GCM and CCM is the checksum's size in octets. */
export type AeadName = `AES-${128 | 192 | 256}-${"GCM" | "CCM"}-${8 | 12 | 16}` | "CHACHA20-POLY1305";

/**
 * Authenticated encryption of OpenSSL: AES-GCM and AES-CCM for IKE (RFC 5282), ChaCha20-Poly1305 (RFC 7634). The state is the key with its
 * salt behind it (4 octets, 3 for CCM), as they come from KEYMAT; the IV has 8 octets.
 */
export class NativeAead {
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly icvBytes: number;
  readonly blockBytes = 1;
  readonly ivKind = "counter";
  readonly stateBytes: number;
  readonly #id: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED */
  constructor(readonly algorithm: AeadName) {
    const spec = requireSpec(binding.aeadSpec(algorithm), algorithm);
    this.#id = spec.id;
    this.keyBytes = spec.keyBytes;
    this.ivBytes = spec.ivBytes;
    this.icvBytes = spec.icvBytes;
    this.stateBytes = spec.keyBytes;
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    requireLength("key", key, this.keyBytes);
    requireLength("state", state, this.stateBytes);
    state.set(key);
  }

  /** `message` is `AAD | IV | text | ICV` with the IV at `ivAt`; encrypts the text in place and writes the ICV. */
  seal(state: Uint8Array, message: Uint8Array, ivAt: number): void {
    binding.aeadSeal(this.#id, state, message, ivAt);
  }

  /** False leaves the message as it was. */
  open(state: Uint8Array, message: Uint8Array, ivAt: number): boolean {
    return binding.aeadOpen(this.#id, state, message, ivAt);
  }
}
