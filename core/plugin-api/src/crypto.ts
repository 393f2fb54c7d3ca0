import type { KeyProvider } from "./key-provider.js";
import type { KdfAlgorithm, RngQuality, XofAlgorithm } from "./feature.js";
import { serviceToken } from "./token.js";
import type { ServiceToken } from "./token.js";

/**
 * Contracts of algorithms.
 *
 * An algorithm is one stateless object per shard. Everything that belongs to a key lives in octets that the caller owns: `setKey` prepares
 * `stateBytes` octets (HMAC midstates, an expanded key, or the key itself), which later calls take as their first argument. So an
 * IKE_SA's keys are one array of octets that can be stored, moved and zeroed as a whole, and no object is allocated per key.
 *
 * All calls are synchronous. Arrays handed in may be views into larger ones, are never kept after the call, and outputs may not overlap
 * inputs unless said. Wrong lengths are a caller's bug and throw; wrong data from a peer is a return value.
 */
export interface Hasher {
  readonly hashBytes: number;
  /** Hashes `data` as a whole into `out` (exactly `hashBytes`). */
  hash(data: Uint8Array, out: Uint8Array): void;
}

/** A pseudo random function, RFC 7296 section 2.13. */
export interface Prf {
  readonly outputBytes: number;
  /** Preferred key size. Keys of other sizes are accepted unless `hasFixedKey`. */
  readonly keyBytes: number;
  /** RFC 7296 section 2.14: with a fixed key size, only the first half-key of each nonce keys SKEYSEED (AES-XCBC, AES-CMAC of RFC 4434/4615 accept any). */
  readonly hasFixedKey: boolean;
  readonly stateBytes: number;
  setKey(key: Uint8Array, state: Uint8Array): void;
  /** `out` = prf(key, data); `out` has exactly `outputBytes` and may not overlap `data`. */
  compute(state: Uint8Array, data: Uint8Array, out: Uint8Array): void;
  /**
   * `out` = the first `out.length` octets of prf+(key, seed), at most 255 outputs. Optional: without it the core computes the rounds
   * with `compute`.
   */
  expand?(state: Uint8Array, seed: Uint8Array, out: Uint8Array): void;
}

/** An integrity algorithm: a truncated MAC. */
export interface Signer {
  readonly keyBytes: number;
  readonly icvBytes: number;
  readonly stateBytes: number;
  setKey(key: Uint8Array, state: Uint8Array): void;
  /** Writes the checksum over `data` to `icv` (exactly `icvBytes`). */
  sign(state: Uint8Array, data: Uint8Array, icv: Uint8Array): void;
  /** Compares in constant time. */
  verify(state: Uint8Array, data: Uint8Array, icv: Uint8Array): boolean;
}

/** An encryption algorithm without integrity. */
export interface Crypter {
  readonly keyBytes: number;
  /** Data must be a multiple of this; 1 for stream modes. */
  readonly blockBytes: number;
  readonly ivBytes: number;
  /** `random`: unpredictable (CBC); `counter`: never repeated under one key (CTR). */
  readonly ivKind: "random" | "counter";
  readonly stateBytes: number;
  setKey(key: Uint8Array, state: Uint8Array): void;
  /** In place. */
  encrypt(state: Uint8Array, iv: Uint8Array, data: Uint8Array): void;
  /** In place. */
  decrypt(state: Uint8Array, iv: Uint8Array, data: Uint8Array): void;
}

/**
 * Authenticated encryption of one whole message with an Encrypted payload (RFC 7296 section 3.14, RFC 5282).
 *
 * `message` is laid out as `AAD | IV | text | ICV` with the IV at `ivAt`; the AAD is everything in front of it. A crypter and a signer
 * together are made into one of these by the core, so message handling knows this shape only.
 */
export interface Aead {
  /** Key and salt as they are taken from KEYMAT. */
  readonly keyBytes: number;
  readonly ivBytes: number;
  readonly icvBytes: number;
  readonly blockBytes: number;
  readonly ivKind: "random" | "counter";
  readonly stateBytes: number;
  setKey(key: Uint8Array, state: Uint8Array): void;
  /** Encrypts the text in place and writes the ICV. The IV is already there. */
  seal(state: Uint8Array, message: Uint8Array, ivAt: number): void;
  /** Verifies, then decrypts in place. False leaves the message untouched and means: forged or damaged. */
  open(state: Uint8Array, message: Uint8Array, ivAt: number): boolean;
}

/**
 * A key exchange method (transform type 4), in the shape of a KEM so that Diffie-Hellman and ML-KEM look alike.
 *
 * The initiator calls `generate`, sends the public value, and `derive`s from the response. The responder calls `respond` once; its private
 * value never leaves the provider.
 */
export interface KeyExchange {
  readonly privateBytes: number;
  readonly publicBytes: number;
  /** Size of the responder's public value; equals `publicBytes` for Diffie-Hellman. */
  readonly responseBytes: number;
  readonly secretBytes: number;
  generate(privateValue: Uint8Array, publicValue: Uint8Array): void;
  /** False when the peer's value is not acceptable (RFC 6989 tests). Zeroing `privateValue` afterwards is up to the caller. */
  derive(privateValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean;
  /** Generates our value and derives the secret in one call. False as above. */
  respond(publicValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean;
}

/** An extendable output function, FIPS 202: as many octets as are wanted from one seed. */
export interface Xof {
  /** Fills `out`. */
  expand(seed: Uint8Array, out: Uint8Array): void;
}

export interface Rng {
  readonly quality: RngQuality;
  /** Fills `out`. @throws {SystemError} when the source fails */
  bytes(out: Uint8Array): void;
}

export interface NonceGen {
  /** Fills `out` with a fresh nonce. */
  nonce(out: Uint8Array): void;
}

/**
 * The algorithms of a shard. Each kind may have several providers per algorithm; the first registered is used. An algorithm is run
 * against its test vectors before it is accepted.
 */
export interface CryptoRegistry {
  /** Each returns the undo. `plugin` is shown in `listalgs`. @throws {PluginError} CYG_CRYPTO_SELF_TEST when a test vector fails */
  addHasher(plugin: string, id: number, hasher: Hasher): () => void;
  addPrf(plugin: string, id: number, prf: Prf): () => void;
  addSigner(plugin: string, id: number, signer: Signer): () => void;
  addCrypter(plugin: string, id: number, keyBytes: number, crypter: Crypter): () => void;
  addAead(plugin: string, id: number, keyBytes: number, aead: Aead): () => void;
  addKeyExchange(plugin: string, id: number, keyExchange: KeyExchange): () => void;
  addXof(plugin: string, id: XofAlgorithm, xof: Xof): () => void;
  /** Says that keys can be derived so. The core does that itself, with any PRF. */
  addKdf(plugin: string, id: KdfAlgorithm): () => void;
  addRng(plugin: string, rng: Rng): () => void;
  addNonceGen(plugin: string, nonceGen: NonceGen): () => void;
  addKeyProvider(plugin: string, keys: KeyProvider): () => void;

  hasher(id: number): Hasher | undefined;
  prf(id: number): Prf | undefined;
  signer(id: number): Signer | undefined;
  crypter(id: number, keyBytes: number): Crypter | undefined;
  aead(id: number, keyBytes: number): Aead | undefined;
  keyExchange(id: number): KeyExchange | undefined;
  xof(id: XofAlgorithm): Xof | undefined;
  /** The first RNG of at least this quality. */
  rng(quality: RngQuality): Rng | undefined;
  nonceGen(): NonceGen | undefined;
  /** @throws {CygnetError} CYG_CERT_PROVIDER when no plugin provides keys */
  keyProvider(): KeyProvider;
  /** For `listalgs`: kind, algorithm name, plugin, in registration order. */
  list(): readonly RegisteredAlgorithm[];
}

/** One row of `listalgs`. Several key sizes of one algorithm by one plugin are one row. */
export interface RegisteredAlgorithm {
  readonly kind:
    "encryption" | "integrity" | "aead" | "hasher" | "prf" | "xof" | "kdf" | "drbg" | "dh-group" | "random-gen" | "nonce-gen";
  readonly name: string;
  readonly plugin: string;
}

export const CryptoRegistry: ServiceToken<CryptoRegistry> = serviceToken("CryptoRegistry");
