import type { Aead, CryptoRegistry, KeyExchange, Prf } from "@cygnet/plugin-api";
import { encryptionName, integrityName, InternalError, keyExchangeName, prfName } from "@cygnet/plugin-api";
import { PseudoRandomFunction, TransformType } from "@cygnet/wire";
import type { ProtectionSizes } from "@cygnet/wire";
import { composedAead } from "./composed-aead.js";
import { CryptoError } from "./crypto-error.js";
import { cipherKeyBytes } from "./proposal/key-lengths.js";
import type { Proposal } from "./proposal/proposal.js";
import { transformId, transformKeyBits } from "./proposal/transform.js";

/**
 * Octets in front of the prepared keys: the IV counter (8, big endian) and 8 reserved ones, so that what follows is aligned.
 */
const HEADER_BYTES = 16;
/** Octets of the IV counter, and the least an IV must have to hold it. */
export const IV_COUNTER_BYTES = 8;

/** PRFs for which RFC 7296 section 2.14 takes only half a key from each nonce, though they accept keys of any length. */
const HALF_NONCE_PRFS: ReadonlySet<number> = new Set([
  PseudoRandomFunction.PRF_AES128_XCBC,
  PseudoRandomFunction.PRF_AES128_CMAC,
  PseudoRandomFunction.PRF_CAMELLIA128_XCBC,
]);

/** The providers that a suite is made of. */
export interface IkeSuiteParts {
  readonly proposal: Proposal;
  readonly prf: Prf;
  readonly prfId: number;
  readonly aead: Aead;
  /** Octets of the integrity key, which ends the key of a composed AEAD; 0 for combined-mode ciphers. */
  readonly integrityKeyBytes: number;
  readonly keyExchange: KeyExchange;
}

/**
 * The resolved algorithms of a selected IKE proposal, and where each prepared key lies in an IKE_SA's key block. One object
 * serves all IKE_SAs of a shard that use the proposal.
 *
 * The key block, every part aligned to 16 octets:
 *
 *   0         IV counter, 8 octets, big endian: the next IV that we send; zero where IVs are random
 *   8         reserved, 8 octets, zero
 *   skDAt     state of the PRF keyed with SK_d       (prf.stateBytes)
 *   skIAt     state of the AEAD keyed with SK_ei, SK_ai: what the initiator sends (aead.stateBytes)
 *   skRAt     the same with SK_er, SK_ar: what the responder sends
 *   skPiAt    state of the PRF keyed with SK_pi
 *   skPrAt    state of the PRF keyed with SK_pr
 *
 * A block can be used only with the suite object that derived it, or one whose providers prepare equal states.
 */
export class IkeSuite implements ProtectionSizes {
  readonly proposal: Proposal;
  readonly prf: Prf;
  readonly aead: Aead;
  readonly keyExchange: KeyExchange;
  /** Number of the key exchange method. */
  readonly keyExchangeMethod: number;
  readonly ivBytes: number;
  readonly icvBytes: number;
  readonly blockBytes: number;
  /** Octets of the integrity key (`SK_ai`), 0 for combined-mode ciphers. */
  readonly integrityKeyBytes: number;
  /** Octets of the encryption key (`SK_ei`), nonce or salt included. */
  readonly encryptionKeyBytes: number;
  /** Octets that each nonce gives to the key of SKEYSEED; 0 for all of them. */
  readonly nonceKeyBytes: number;
  /** Octets of a key block. */
  readonly keyBlockBytes: number;
  readonly skDAt: number;
  readonly skIAt: number;
  readonly skRAt: number;
  readonly skPiAt: number;
  readonly skPrAt: number;

  /**
   * A copy of one key block at a time, with the views that algorithms want, so that a message allocates none. Zero between calls.
   */
  readonly work: Uint8Array;
  readonly workSkD: Uint8Array;
  readonly workSkI: Uint8Array;
  readonly workSkR: Uint8Array;
  readonly workSkPi: Uint8Array;
  readonly workSkPr: Uint8Array;

  /** Use {@link IkeSuites}. @throws {CryptoError} CYG_CRYPTO_IV */
  constructor(parts: IkeSuiteParts) {
    const { prf, aead } = parts;
    if (aead.ivKind === "counter" && aead.ivBytes !== 0 && aead.ivBytes < IV_COUNTER_BYTES) {
      throw new CryptoError("CYG_CRYPTO_IV", `an IV of ${aead.ivBytes} octets cannot hold a counter`);
    }
    this.proposal = parts.proposal;
    this.prf = prf;
    this.aead = aead;
    this.keyExchange = parts.keyExchange;
    this.keyExchangeMethod = transformId(parts.proposal.first(TransformType.KEY_EXCHANGE_METHOD) ?? 0);
    this.ivBytes = aead.ivBytes;
    this.icvBytes = aead.icvBytes;
    this.blockBytes = aead.blockBytes;
    this.integrityKeyBytes = parts.integrityKeyBytes;
    this.encryptionKeyBytes = aead.keyBytes - parts.integrityKeyBytes;
    this.nonceKeyBytes = prf.hasFixedKey || HALF_NONCE_PRFS.has(parts.prfId) ? prf.keyBytes / 2 : 0;

    this.skDAt = HEADER_BYTES;
    this.skIAt = align16(this.skDAt + prf.stateBytes);
    this.skRAt = align16(this.skIAt + aead.stateBytes);
    this.skPiAt = align16(this.skRAt + aead.stateBytes);
    this.skPrAt = align16(this.skPiAt + prf.stateBytes);
    this.keyBlockBytes = align16(this.skPrAt + prf.stateBytes);

    this.work = new Uint8Array(this.keyBlockBytes);
    this.workSkD = this.work.subarray(this.skDAt, this.skDAt + prf.stateBytes);
    this.workSkI = this.work.subarray(this.skIAt, this.skIAt + aead.stateBytes);
    this.workSkR = this.work.subarray(this.skRAt, this.skRAt + aead.stateBytes);
    this.workSkPi = this.work.subarray(this.skPiAt, this.skPiAt + prf.stateBytes);
    this.workSkPr = this.work.subarray(this.skPrAt, this.skPrAt + prf.stateBytes);
  }

  /** Copies a key block to the work area. @throws {InternalError} when it is not one of this suite's size */
  load(keys: Uint8Array): void {
    if (keys.length !== this.keyBlockBytes) throw new InternalError("key block of another suite");
    this.work.set(keys);
  }

  /** Zeroes the work area. */
  unload(): void {
    this.work.fill(0);
  }
}

/** The registry as a suite needs it. `generation`, where there is one, tells when providers changed. */
export interface SuiteSource extends Pick<CryptoRegistry, "prf" | "aead" | "crypter" | "signer" | "keyExchange"> {
  readonly generation?: number;
}

/** Resolves selected IKE proposals. One per shard; suites are made once per proposal. */
export class IkeSuites {
  readonly #registry: SuiteSource;
  #byProposal = new WeakMap<Proposal, IkeSuite>();
  /** Equal proposals are not always the same object. */
  readonly #byText = new Map<string, IkeSuite>();
  #generation: number | undefined;

  constructor(registry: SuiteSource) {
    this.#registry = registry;
    this.#generation = registry.generation;
  }

  /**
   * The algorithms of a selected proposal: the first transform of each type counts.
   *
   * IKE_SAs keep the suite they have; after plugins changed, new ones get one of the present providers.
   *
   * @throws {CryptoError} CYG_CRYPTO_UNSUPPORTED when nothing provides one of them; CYG_CRYPTO_IV
   */
  get(proposal: Proposal): IkeSuite {
    if (this.#generation !== this.#registry.generation) {
      this.#byProposal = new WeakMap();
      this.#byText.clear();
      this.#generation = this.#registry.generation;
    }
    const known = this.#byProposal.get(proposal);
    if (known !== undefined) return known;
    const text = proposal.toString();
    const suite = this.#byText.get(text) ?? new IkeSuite(this.#resolve(proposal));
    this.#byText.set(text, suite);
    this.#byProposal.set(proposal, suite);
    return suite;
  }

  #resolve(proposal: Proposal): IkeSuiteParts {
    const prfId = transformId(proposal.first(TransformType.PSEUDO_RANDOM_FUNCTION) ?? 0);
    const prf = this.#registry.prf(prfId);
    if (prf === undefined) throw unsupported(`PSEUDO_RANDOM_FUNCTION ${prfName(prfId)} not supported!`);
    const method = transformId(proposal.first(TransformType.KEY_EXCHANGE_METHOD) ?? 0);
    const keyExchange = this.#registry.keyExchange(method);
    if (keyExchange === undefined) throw unsupported(`negotiated DH group ${keyExchangeName(method)} not supported`);
    return { proposal, prf, prfId, keyExchange, ...this.#resolveCipher(proposal) };
  }

  #resolveCipher(proposal: Proposal): Pick<IkeSuiteParts, "aead" | "integrityKeyBytes"> {
    const cipher = proposal.first(TransformType.ENCRYPTION_ALGORITHM) ?? 0;
    const integrity = proposal.first(TransformType.INTEGRITY_ALGORITHM);
    const id = transformId(cipher);
    const keyBytes = cipherKeyBytes(id, transformKeyBits(cipher)) ?? 0;
    const missing = `ENCRYPTION_ALGORITHM ${encryptionName(id)} (key size ${transformKeyBits(cipher)}) not supported!`;
    if (integrity === undefined || transformId(integrity) === 0) {
      const aead = this.#registry.aead(id, keyBytes);
      if (aead === undefined) throw unsupported(missing);
      return { aead, integrityKeyBytes: 0 };
    }
    const crypter = this.#registry.crypter(id, keyBytes);
    if (crypter === undefined) throw unsupported(missing);
    const signer = this.#registry.signer(transformId(integrity));
    if (signer === undefined) {
      throw unsupported(`INTEGRITY_ALGORITHM ${integrityName(transformId(integrity))} not supported!`);
    }
    return { aead: composedAead(crypter, signer), integrityKeyBytes: signer.keyBytes };
  }
}

function unsupported(message: string): CryptoError {
  return new CryptoError("CYG_CRYPTO_UNSUPPORTED", message);
}

function align16(bytes: number): number {
  return (bytes + 15) & ~15;
}
