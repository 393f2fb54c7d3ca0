import { binding } from "./crypto-binding.js";
import { requireLength, requireSpec } from "./crypto-error.js";

type KeyBits = 128 | 192 | 256;

export type CipherName =
  | `AES-${KeyBits}-${"CBC" | "CTR" | "ECB" | "CFB"}`
  | `CAMELLIA-${KeyBits}-${"CBC" | "CTR"}`
  | `BLOWFISH-${KeyBits}-CBC`
  | "CAST-128-CBC"
  | "IDEA-CBC"
  | "3DES-CBC"
  | "3DES-ECB"
  | "DES-CBC"
  | "DES-ECB";

/**
 * A cipher of OpenSSL. The state is the key: one context per algorithm in the environment is re-keyed for each call.
 *
 * In counter mode (RFC 5930) the key has the 4 octets of nonce behind it, as they come from KEYMAT; the IV has 8 octets, and the block
 * counter starts at 1.
 */
export class NativeCrypter {
  readonly keyBytes: number;
  readonly blockBytes: number;
  readonly ivBytes: number;
  readonly ivKind: "random" | "counter";
  readonly stateBytes: number;
  readonly #id: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED */
  constructor(readonly algorithm: CipherName) {
    const spec = requireSpec(binding.cipherSpec(algorithm), algorithm);
    this.#id = spec.id;
    this.keyBytes = spec.keyBytes;
    this.blockBytes = spec.blockBytes;
    this.ivBytes = spec.ivBytes;
    this.ivKind = algorithm.endsWith("CTR") ? "counter" : "random";
    this.stateBytes = spec.keyBytes;
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    requireLength("key", key, this.keyBytes);
    requireLength("state", state, this.stateBytes);
    state.set(key);
  }

  encrypt(state: Uint8Array, iv: Uint8Array, data: Uint8Array): void {
    binding.cipherEncrypt(this.#id, state, iv, data);
  }

  decrypt(state: Uint8Array, iv: Uint8Array, data: Uint8Array): void {
    binding.cipherDecrypt(this.#id, state, iv, data);
  }
}

/** ENCR_NULL, RFC 2410: no encryption, for ESP with integrity only. IKE itself may not use it. */
export class NullCrypter {
  readonly keyBytes = 0;
  readonly blockBytes = 1;
  readonly ivBytes = 0;
  readonly ivKind = "random";
  readonly stateBytes = 0;

  setKey(key: Uint8Array, state: Uint8Array): void {
    requireLength("key", key, 0);
    requireLength("state", state, 0);
  }

  encrypt(state: Uint8Array, iv: Uint8Array): void {
    requireLength("state", state, 0);
    requireLength("iv", iv, 0);
  }

  decrypt(state: Uint8Array, iv: Uint8Array): void {
    this.encrypt(state, iv);
  }
}
