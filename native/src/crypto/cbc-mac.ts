import { binding } from "./crypto-binding.js";
import { LengthError, requireLength, requireSpec } from "./crypto-error.js";

/** XCBC-MAC, RFC 3566, or CMAC, RFC 4493. */
export type CbcMacConstruction = "XCBC" | "CMAC";
/** Block ciphers with blocks and keys of 16 octets. */
export type CbcMacCipher = "AES-128-CBC" | "CAMELLIA-128-CBC";

const BLOCK_BYTES = 16;
/** The cipher's key and the two keys for the last block. */
const STATE_BYTES = 3 * BLOCK_BYTES;

const constructionId = (construction: CbcMacConstruction): number => (construction === "CMAC" ? 1 : 0);
const cipherId = (cipher: CbcMacCipher): number => requireSpec(binding.cipherSpec(cipher), cipher).id;

/**
 * AES-XCBC-PRF-128 (RFC 4434) or AES-CMAC-PRF-128 (RFC 4615). Keys of any length are taken, but for SKEYSEED they count as fixed keys
 * (RFC 7296 section 2.14).
 */
export class CbcMacPrf {
  readonly outputBytes = BLOCK_BYTES;
  readonly keyBytes = BLOCK_BYTES;
  readonly hasFixedKey = true;
  readonly stateBytes = STATE_BYTES;
  readonly #cipher: number;
  readonly #construction: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED */
  constructor(construction: CbcMacConstruction, cipher: CbcMacCipher) {
    this.#cipher = cipherId(cipher);
    this.#construction = constructionId(construction);
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    binding.cbcMacSetKey(this.#cipher, this.#construction, key, state);
  }

  compute(state: Uint8Array, data: Uint8Array, out: Uint8Array): void {
    requireLength("out", out, BLOCK_BYTES);
    binding.cbcMac(this.#cipher, state, data, out);
  }
}

/** The first 96 bits of the MAC: RFC 3566 and RFC 4494. */
export class CbcMacSigner {
  readonly keyBytes = BLOCK_BYTES;
  readonly icvBytes = 12;
  readonly stateBytes = STATE_BYTES;
  readonly #cipher: number;
  readonly #construction: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED */
  constructor(construction: CbcMacConstruction, cipher: CbcMacCipher) {
    this.#cipher = cipherId(cipher);
    this.#construction = constructionId(construction);
  }

  setKey(key: Uint8Array, state: Uint8Array): void {
    requireLength("key", key, BLOCK_BYTES);
    binding.cbcMacSetKey(this.#cipher, this.#construction, key, state);
  }

  sign(state: Uint8Array, data: Uint8Array, icv: Uint8Array): void {
    if (icv.length !== this.icvBytes) throw new LengthError("icv", icv.length, this.icvBytes);
    binding.cbcMac(this.#cipher, state, data, icv);
  }

  verify(state: Uint8Array, data: Uint8Array, icv: Uint8Array): boolean {
    if (icv.length !== this.icvBytes) throw new LengthError("icv", icv.length, this.icvBytes);
    return binding.cbcMacVerify(this.#cipher, state, data, icv);
  }
}
