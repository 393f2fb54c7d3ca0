import { InternalError } from "@cygnet/plugin-api";
import type { ChildKeys, IkeKeys, Rng } from "@cygnet/plugin-api";
import type { ChildKeyLengths } from "./proposal/key-lengths.js";
import { IV_COUNTER_BYTES } from "./ike-suite.js";
import type { IkeSuite } from "./ike-suite.js";
import { IvSource } from "./iv-source.js";
import { prfPlus } from "./prf-plus.js";
import { Scratch } from "./scratch.js";

const SPI_BYTES = 8;

/** What both sides know after a key exchange. Arrays are read during the call only. */
export interface IkeKeyInput {
  /** Body of the initiator's Nonce payload: of who started this exchange, on a rekeying. */
  readonly nonceInitiator: Uint8Array;
  readonly nonceResponder: Uint8Array;
  /** g^ir, padded to the size of the group. The caller wipes it. */
  readonly sharedSecret: Uint8Array;
  /** SPIs of the IKE_SA that gets the keys, as unsigned 32 bit halves. */
  readonly spiInitiatorHi: number;
  readonly spiInitiatorLo: number;
  readonly spiResponderHi: number;
  readonly spiResponderLo: number;
}

/** The IKE_SA that a rekeying replaces. */
export interface OldIkeKeys {
  readonly suite: IkeSuite;
  readonly keys: Uint8Array;
}

/** What differs between uses of {@link IkeKeymat.derive}. */
export interface DeriveOptions {
  /** On a rekeying, the IKE_SA whose SK_d takes the place of the nonces as key (RFC 7296 section 2.18). */
  readonly old?: OldIkeKeys | undefined;
  /** Sees the raw SK_* values and SKEYSEED, for the `ikeKeys` event and the log. Views are valid, and not zero, during the call only. */
  readonly onKeys?: ((keys: IkeKeys, skeyseed: Uint8Array) => void) | undefined;
  /** Where the block goes, exactly `suite.keyBlockBytes`; a new array when left out. */
  readonly into?: Uint8Array | undefined;
}

/** Input of KEYMAT for one CHILD_SA. Arrays are read during the call only. */
export interface ChildKeyInput {
  readonly nonceInitiator: Uint8Array;
  readonly nonceResponder: Uint8Array;
  /** Shared secret of the CHILD_SA's own key exchange, undefined without PFS. */
  readonly sharedSecret?: Uint8Array | undefined;
}

/** Raw keys by suite, in the order in which prf+ gives them. */
interface RawKeys extends IkeKeys {
  readonly all: Uint8Array;
}

/**
 * Key derivation and message protection of IKE_SAs, RFC 7296 sections 2.13 to 2.18 and 3.14. One per shard.
 *
 * The keys of an IKE_SA are one array, its key block: prepared states of its algorithms, laid out as described at {@link
 * IkeSuite}. They are all that is kept of SKEYSEED and the SK_* values. The caller owns the block, may store and move it as it
 * likes, and zeroes it with {@link wipe}. Both sides of an IKE_SA have the same block but for the IV counter.
 */
export class IkeKeymat {
  readonly #ivs: IvSource;
  readonly #input = new Scratch(1024);
  readonly #seed = new Scratch(512);
  readonly #prfState = new Scratch(512);
  readonly #prfKey = new Scratch(128);
  readonly #aeadKey = new Scratch(256);
  readonly #raw = new WeakMap<IkeSuite, RawKeys>();
  readonly #child = new Map<number, ChildKeyArea>();

  /** @param rng of at least strong quality, for IVs */
  constructor(rng: Rng) {
    this.#ivs = new IvSource(rng);
  }

  /**
   * Derives SKEYSEED and the SK_* keys and prepares them for use. Nothing else is allocated but the block, and every intermediate
   * value is zeroed.
   *
   * @returns the key block; the caller owns it
   * @throws {SystemError} when the random source fails
   */
  derive(suite: IkeSuite, input: IkeKeyInput, options?: DeriveOptions): Uint8Array {
    const block = options?.into ?? new Uint8Array(suite.keyBlockBytes);
    if (block.length !== suite.keyBlockBytes) throw new InternalError("key block has the wrong size");
    const raw = this.#rawKeys(suite);
    const old = options?.old;
    const seedPrf = old === undefined ? suite.prf : old.suite.prf;
    const skeyseed = this.#prfKey.take(seedPrf.outputBytes);
    try {
      if (old === undefined) this.#initialSeed(suite, input, skeyseed);
      else this.#rekeySeed(old, input, skeyseed);
      const state = this.#prfState.take(suite.prf.stateBytes);
      suite.prf.setKey(skeyseed, state);
      prfPlus(suite.prf, state, this.#expandSeed(input), raw.all);
      this.#prepare(suite, raw);
      options?.onKeys?.(raw, skeyseed);
      block.set(suite.work);
    } finally {
      raw.all.fill(0);
      suite.unload();
      this.#prfKey.wipe();
      this.#prfState.wipe();
      this.#aeadKey.wipe();
      this.#input.wipe();
    }
    return block;
  }

  /**
   * Writes the IV and seals a message in place.
   *
   * @param keys the sender's key block; its IV counter advances
   * @param byInitiator whether the sender is the original initiator of the IKE_SA
   * @param message `AAD | room for the IV | padded text | room for the checksum`
   * @throws {SystemError} when the random source fails
   */
  seal(suite: IkeSuite, keys: Uint8Array, byInitiator: boolean, message: Uint8Array, ivAt: number): void {
    this.#writeIv(suite, keys, message, ivAt);
    suite.load(keys);
    try {
      suite.aead.seal(byInitiator ? suite.workSkI : suite.workSkR, message, ivAt);
    } finally {
      suite.unload();
    }
  }

  /**
   * Verifies a message and decrypts it in place.
   *
   * @param byInitiator whether the sender, the peer, is the original initiator of the IKE_SA
   * @returns false for a message that is forged, damaged or too short; it is untouched then
   */
  open(suite: IkeSuite, keys: Uint8Array, byInitiator: boolean, message: Uint8Array, ivAt: number): boolean {
    const textBytes = message.length - ivAt - suite.ivBytes - suite.icvBytes;
    if (textBytes < 1 || textBytes % suite.blockBytes !== 0) return false;
    suite.load(keys);
    try {
      return suite.aead.open(byInitiator ? suite.workSkI : suite.workSkR, message, ivAt);
    } finally {
      suite.unload();
    }
  }

  /**
   * KEYMAT of a CHILD_SA, RFC 7296 section 2.17: prf+(SK_d, [secret |] Ni | Nr), cut into encryption and integrity key of the
   * initiator, then those of the responder ("initiator" is who started this exchange).
   *
   * @returns views that are valid until the next call for keys of the same sizes; {@link wipeChildKeys} zeroes them
   */
  childKeys(suite: IkeSuite, keys: Uint8Array, input: ChildKeyInput, lengths: ChildKeyLengths): ChildKeys {
    const area = this.#childArea(lengths);
    const { nonceInitiator, nonceResponder, sharedSecret } = input;
    const secretBytes = sharedSecret?.length ?? 0;
    const seed = this.#input.take(secretBytes + nonceInitiator.length + nonceResponder.length);
    if (sharedSecret !== undefined) seed.set(sharedSecret, 0);
    seed.set(nonceInitiator, secretBytes);
    seed.set(nonceResponder, secretBytes + nonceInitiator.length);
    suite.load(keys);
    try {
      prfPlus(suite.prf, suite.workSkD, seed, area.all);
    } finally {
      suite.unload();
      this.#input.wipe();
    }
    return area;
  }

  /** Zeroes what the last {@link childKeys} of these sizes returned. */
  wipeChildKeys(lengths: ChildKeyLengths): void {
    this.#childArea(lengths).all.fill(0);
  }

  /** Zeroes a key block when its IKE_SA is gone. */
  wipe(keys: Uint8Array): void {
    keys.fill(0);
  }

  /** SKEYSEED = prf(Ni | Nr, g^ir), RFC 7296 section 2.14. */
  #initialSeed(suite: IkeSuite, input: IkeKeyInput, skeyseed: Uint8Array): void {
    const { nonceInitiator, nonceResponder, sharedSecret } = input;
    const half = suite.nonceKeyBytes;
    const takeI = half === 0 ? nonceInitiator.length : Math.min(half, nonceInitiator.length);
    const takeR = half === 0 ? nonceResponder.length : Math.min(half, nonceResponder.length);
    const key = this.#input.take(takeI + takeR);
    for (let i = 0; i < takeI; i++) key[i] = nonceInitiator[i];
    for (let i = 0; i < takeR; i++) key[takeI + i] = nonceResponder[i];
    const state = this.#prfState.take(suite.prf.stateBytes);
    suite.prf.setKey(key, state);
    suite.prf.compute(state, sharedSecret, skeyseed);
  }

  /** SKEYSEED = prf(SK_d (old), g^ir | Ni | Nr) with the old PRF, RFC 7296 section 2.18. */
  #rekeySeed(old: OldIkeKeys, input: IkeKeyInput, skeyseed: Uint8Array): void {
    const { nonceInitiator, nonceResponder, sharedSecret } = input;
    const data = this.#input.take(sharedSecret.length + nonceInitiator.length + nonceResponder.length);
    data.set(sharedSecret, 0);
    data.set(nonceInitiator, sharedSecret.length);
    data.set(nonceResponder, sharedSecret.length + nonceInitiator.length);
    old.suite.load(old.keys);
    old.suite.prf.compute(old.suite.workSkD, data, skeyseed);
    old.suite.unload();
  }

  /** Ni | Nr | SPIi | SPIr, RFC 7296 section 2.14. */
  #expandSeed(input: IkeKeyInput): Uint8Array {
    const { nonceInitiator, nonceResponder } = input;
    const nonces = nonceInitiator.length + nonceResponder.length;
    const seed = this.#seed.take(nonces + 2 * SPI_BYTES);
    seed.set(nonceInitiator, 0);
    seed.set(nonceResponder, nonceInitiator.length);
    putU32(seed, nonces, input.spiInitiatorHi);
    putU32(seed, nonces + 4, input.spiInitiatorLo);
    putU32(seed, nonces + 8, input.spiResponderHi);
    putU32(seed, nonces + 12, input.spiResponderLo);
    return seed;
  }

  /** Fills the suite's work block from the raw keys. */
  #prepare(suite: IkeSuite, raw: RawKeys): void {
    const { prf, aead, work } = suite;
    work.fill(0);
    if (aead.ivKind === "counter" && aead.ivBytes !== 0) this.#ivs.write(work, 0, IV_COUNTER_BYTES);
    prf.setKey(raw.skD, suite.workSkD);
    prf.setKey(raw.skPi, suite.workSkPi);
    prf.setKey(raw.skPr, suite.workSkPr);
    const key = this.#aeadKey.take(aead.keyBytes);
    key.set(raw.skEi, 0);
    key.set(raw.skAi, suite.encryptionKeyBytes);
    aead.setKey(key, suite.workSkI);
    key.set(raw.skEr, 0);
    key.set(raw.skAr, suite.encryptionKeyBytes);
    aead.setKey(key, suite.workSkR);
  }

  /**
   * The next IV. Counters start at a random value and are kept in the key block, so that they move with it and never repeat under
   * one key; an IKE_SA is rekeyed long before 2^64 messages.
   */
  #writeIv(suite: IkeSuite, keys: Uint8Array, message: Uint8Array, ivAt: number): void {
    const { ivBytes } = suite;
    if (suite.aead.ivKind === "random") {
      this.#ivs.write(message, ivAt, ivBytes);
      return;
    }
    if (ivBytes === 0) return;
    const counterAt = ivAt + ivBytes - IV_COUNTER_BYTES;
    for (let i = ivAt; i < counterAt; i++) message[i] = 0;
    for (let i = 0; i < IV_COUNTER_BYTES; i++) message[counterAt + i] = keys[i];
    for (let i = IV_COUNTER_BYTES - 1; i >= 0; i--) {
      keys[i] = (keys[i] + 1) & 0xff;
      if (keys[i] !== 0) break;
    }
  }

  /** Views of the raw keys of a suite: SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr. */
  #rawKeys(suite: IkeSuite): RawKeys {
    const known = this.#raw.get(suite);
    if (known !== undefined) return known;
    const prfBytes = suite.prf.keyBytes;
    const { integrityKeyBytes, encryptionKeyBytes } = suite;
    const all = new Uint8Array(3 * prfBytes + 2 * integrityKeyBytes + 2 * encryptionKeyBytes);
    let at = 0;
    const cut = (length: number): Uint8Array => all.subarray(at, (at += length));
    const raw: RawKeys = {
      all,
      skD: cut(prfBytes),
      skAi: cut(integrityKeyBytes),
      skAr: cut(integrityKeyBytes),
      skEi: cut(encryptionKeyBytes),
      skEr: cut(encryptionKeyBytes),
      skPi: cut(prfBytes),
      skPr: cut(prfBytes),
    };
    this.#raw.set(suite, raw);
    return raw;
  }

  #childArea({ encryptionBytes, integrityBytes }: ChildKeyLengths): ChildKeyArea {
    const key = encryptionBytes * 1024 + integrityBytes;
    let area = this.#child.get(key);
    if (area === undefined) this.#child.set(key, (area = new ChildKeyArea(encryptionBytes, integrityBytes)));
    return area;
  }
}

/** KEYMAT of one CHILD_SA and its parts. */
class ChildKeyArea implements ChildKeys {
  readonly all: Uint8Array;
  readonly encryptionInitiator: Uint8Array;
  readonly integrityInitiator: Uint8Array;
  readonly encryptionResponder: Uint8Array;
  readonly integrityResponder: Uint8Array;

  constructor(encryptionBytes: number, integrityBytes: number) {
    const one = encryptionBytes + integrityBytes;
    this.all = new Uint8Array(2 * one);
    this.encryptionInitiator = this.all.subarray(0, encryptionBytes);
    this.integrityInitiator = this.all.subarray(encryptionBytes, one);
    this.encryptionResponder = this.all.subarray(one, one + encryptionBytes);
    this.integrityResponder = this.all.subarray(one + encryptionBytes);
  }
}

function putU32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = (value >>> 16) & 0xff;
  out[at + 2] = (value >>> 8) & 0xff;
  out[at + 3] = value & 0xff;
}
