/** Octets that are allocated at a time. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Small arrays of octets, cut from large chunks: an array of its own costs some 250 octets around its content and an allocation outside
 * the JavaScript heap as soon as native code looks at it; a view costs 96 and nothing more.
 *
 * A chunk is freed when none of its pieces is in use any more, so what lives long has no place here.
 */
export class OctetArena {
  #chunk = new Uint8Array(CHUNK_BYTES);
  #used = 0;

  /** `length` zero octets. */
  take(length: number): Uint8Array {
    if (length > CHUNK_BYTES / 4) return new Uint8Array(length);
    if (this.#used + length > CHUNK_BYTES) {
      this.#chunk = new Uint8Array(CHUNK_BYTES);
      this.#used = 0;
    }
    const piece = this.#chunk.subarray(this.#used, this.#used + length);
    this.#used += length;
    return piece;
  }

  /** A copy that may be kept. */
  copy(octets: Uint8Array): Uint8Array {
    const piece = this.take(octets.length);
    piece.set(octets);
    return piece;
  }
}
