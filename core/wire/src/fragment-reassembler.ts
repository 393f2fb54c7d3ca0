import { PayloadType } from "./constants/payload-type.js";
import { MAX_FRAGMENTS, MAX_REASSEMBLED_BYTES } from "./limits.js";
import type { EncryptedPayload } from "./payloads/encrypted-payload.js";

/** What became of a fragment: kept, and more are missing; kept, and the message is whole; or not kept. */
export type FragmentOutcome = "wait" | "complete" | "dropped";

/** Limits of one reassembly. */
export interface ReassemblerLimits {
  /** Fragments that one message may have; default `MAX_FRAGMENTS`. */
  readonly maxFragments?: number;
  /** Octets that all fragments together may have; default `MAX_REASSEMBLED_BYTES`. */
  readonly maxBytes?: number;
}

/**
 * Puts the decrypted fragments of one message together, RFC 7383 section 2.6. One of these belongs to one message id in one
 * direction; `clear` makes it ready for the next.
 *
 * Only fragments whose checksum was verified may be added, else anybody could poison a message. `wants` says beforehand
 * whether verifying is worth it.
 */
export class FragmentReassembler {
  readonly #maxFragments: number;
  readonly #maxBytes: number;
  #pieces: (Uint8Array | undefined)[] = [];
  #received = 0;
  #bytes = 0;
  #firstPayload = 0;

  constructor(limits: ReassemblerLimits = {}) {
    this.#maxFragments = limits.maxFragments ?? MAX_FRAGMENTS;
    this.#maxBytes = limits.maxBytes ?? MAX_REASSEMBLED_BYTES;
  }

  /** Fragments that the message has; zero before the first one came. */
  get totalFragments(): number {
    return this.#pieces.length;
  }

  /** Fragments that are here. */
  get receivedFragments(): number {
    return this.#received;
  }

  /** Type of the first payload of the message, a `PayloadType`; meaningful once it is complete. */
  get firstPayload(): number {
    return this.#firstPayload;
  }

  /**
   * Whether a fragment, still sealed, would be kept: not one that is here already, not of a smaller total than the others
   * (the sender has meanwhile cut the message into smaller pieces), and within the limits.
   */
  wants(fragment: EncryptedPayload): boolean {
    const { fragmentNumber, totalFragments } = fragment;
    if (fragment.type !== PayloadType.SKF || totalFragments > this.#maxFragments) return false;
    if (totalFragments !== this.#pieces.length) return totalFragments > this.#pieces.length;
    return this.#pieces[fragmentNumber - 1] === undefined;
  }

  /**
   * Adds a verified and decrypted fragment. A larger total than before starts over with it. Once complete, all are duplicates.
   *
   * @param plaintext its piece of the chain, `[start, end)` without padding; copied
   */
  add(fragment: EncryptedPayload, plaintext: Uint8Array, start: number, end: number): FragmentOutcome {
    if (!this.wants(fragment)) return "dropped";
    const isRestart = fragment.totalFragments !== this.#pieces.length;
    if ((isRestart ? 0 : this.#bytes) + (end - start) > this.#maxBytes) return "dropped";
    if (isRestart) {
      this.clear();
      this.#pieces = Array.from({ length: fragment.totalFragments });
    }
    this.#pieces[fragment.fragmentNumber - 1] = plaintext.slice(start, end);
    this.#received++;
    this.#bytes += end - start;
    if (fragment.fragmentNumber === 1) this.#firstPayload = fragment.firstPayload;
    return this.#received === this.#pieces.length ? "complete" : "wait";
  }

  /** The whole chain of payloads, in a buffer of the caller's. Call it once `add` said `complete`. */
  assemble(): Uint8Array {
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#pieces) {
      if (piece === undefined) break;
      whole.set(piece, at);
      at += piece.length;
    }
    return whole.subarray(0, at);
  }

  /** Forgets all fragments. */
  clear(): void {
    this.#pieces = [];
    this.#received = 0;
    this.#bytes = 0;
    this.#firstPayload = 0;
  }
}
