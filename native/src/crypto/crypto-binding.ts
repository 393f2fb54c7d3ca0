import { loadBinding } from "../binding.js";

/** What a hash's name stands for in the addon; `id` goes into every call. */
export interface HashSpec {
  readonly id: number;
  readonly hashBytes: number;
}

export interface HmacSpec extends HashSpec {
  readonly blockBytes: number;
  readonly stateBytes: number;
}

export interface CipherSpec {
  readonly id: number;
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly blockBytes: number;
}

export interface AeadSpec {
  readonly id: number;
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly icvBytes: number;
}

export interface GroupSpec {
  readonly id: number;
  readonly privateBytes: number;
  readonly publicBytes: number;
}

/**
 * The addon's functions for cryptography. The `...Spec` functions give undefined where the OpenSSL of this Node.js lacks the algorithm; all
 * others check types and lengths before they touch memory, and throw a TypeError (CYG_CRYPTO_TYPE), a RangeError (CYG_CRYPTO_LENGTH) or,
 * where OpenSSL itself fails, an Error (CYG_CRYPTO_FAILED).
 */
export interface CryptoBinding {
  hashSpec(name: string): HashSpec | undefined;
  hash(id: number, data: Uint8Array, out: Uint8Array): void;
  keyedSha1(state: Uint8Array, data: Uint8Array, out: Uint8Array): void;

  hmacSpec(name: string): HmacSpec | undefined;
  hmacSetKey(id: number, key: Uint8Array, state: Uint8Array): void;
  /** `out` may be shorter than the hash. */
  hmacCompute(id: number, state: Uint8Array, data: Uint8Array, out: Uint8Array): void;
  hmacVerify(id: number, state: Uint8Array, data: Uint8Array, icv: Uint8Array): boolean;
  hmacExpand(id: number, state: Uint8Array, seed: Uint8Array, out: Uint8Array): void;

  cipherSpec(name: string): CipherSpec | undefined;
  cipherEncrypt(id: number, key: Uint8Array, iv: Uint8Array, data: Uint8Array): void;
  cipherDecrypt(id: number, key: Uint8Array, iv: Uint8Array, data: Uint8Array): void;

  /** `construction`: 0 XCBC, 1 CMAC. The state has 48 octets. */
  cbcMacSetKey(cipher: number, construction: number, key: Uint8Array, state: Uint8Array): void;
  cbcMac(cipher: number, state: Uint8Array, data: Uint8Array, out: Uint8Array): void;
  cbcMacVerify(cipher: number, state: Uint8Array, data: Uint8Array, icv: Uint8Array): boolean;

  aeadSpec(name: string): AeadSpec | undefined;
  aeadSeal(id: number, key: Uint8Array, message: Uint8Array, ivAt: number): void;
  aeadOpen(id: number, key: Uint8Array, message: Uint8Array, ivAt: number): boolean;

  /** `gmp`: 1 computes y^x with libgmp where the addon has it, 0 with OpenSSL's multiplication. */
  modpSpec(name: string): GroupSpec | undefined;
  modpGenerate(id: number, gmp: number, privateValue: Uint8Array, publicValue: Uint8Array): void;
  modpPublic(id: number, gmp: number, privateValue: Uint8Array, publicValue: Uint8Array): void;
  modpDerive(id: number, gmp: number, privateValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean;
  modpRespond(id: number, gmp: number, publicValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean;
  /** Undefined where the addon was built without libgmp. */
  gmpVersion(): string | undefined;
  /** Whether OpenSSL's assembler multiplication is there; without it y^x is two to three times slower. */
  modpAssembler(): boolean;
  /** Whether groups up to 4096 bits are computed with AVX-512 IFMA instead. */
  modpIfma(): boolean;
  /**
   * a * b / R mod p for a, b < p: in words with assembler (0) or without (1), R being 2^bits; with AVX-512 (2) R is 2^(52 * digits) and p may
   * be left to subtract. Undefined where this machine has no such arithmetic. For tests.
   */
  modpMultiply(id: number, arithmetic: number, a: Uint8Array, b: Uint8Array, out: Uint8Array): true | undefined;

  ecSpec(name: string): (GroupSpec & { readonly secretBytes: number }) | undefined;
  ecGenerate(id: number, privateValue: Uint8Array, publicValue: Uint8Array): void;
  ecPublic(id: number, privateValue: Uint8Array, publicValue: Uint8Array): void;
  ecDerive(id: number, privateValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean;
  ecRespond(id: number, publicValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean;

  xdhSpec(name: string): { readonly id: number; readonly bytes: number } | undefined;
  xdhGenerate(id: number, privateValue: Uint8Array, publicValue: Uint8Array): void;
  xdhPublic(id: number, privateValue: Uint8Array, publicValue: Uint8Array): void;
  xdhDerive(id: number, privateValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean;
  xdhRespond(id: number, publicValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean;

  randomBytes(out: Uint8Array): void;
}

/** The addon, loaded with the first import of any algorithm. */
export const binding: CryptoBinding = loadBinding<CryptoBinding>();
