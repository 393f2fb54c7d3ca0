const FIRST_BYTES = 8192;

/**
 * Writes a record, little endian, into a buffer of its own that grows as needed. Numbers are cut to their fields without a check: they are our
 * own.
 */
export class RecordWriter {
  octets = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.octets.buffer);
  /** Octets written. */
  length = 0;
  #masksAt = 0;
  #mask = 0;
  #wide = 0;
  #bit = 0;

  u8(value: number): void {
    const at = this.#advance(1);
    this.octets[at] = value;
  }

  u16(value: number): void {
    const at = this.#advance(2);
    this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#advance(4);
    this.#view.setUint32(at, value, true);
  }

  f64(value: number): void {
    const at = this.#advance(8);
    this.#view.setFloat64(at, value, true);
  }

  copy(source: Uint8Array): void {
    const count = source.length;
    const at = this.#advance(count);
    // A call to set() costs more than a short loop.
    if (count <= 32) for (let i = 0; i < count; i++) this.octets[at + i] = source[i]!;
    else this.octets.set(source, at);
  }

  /** The beginning of an array that is cut off there. */
  copyFirst(source: Uint8Array, count: number): void {
    this.copy(source.subarray(0, count));
  }

  /**
   * Begins a group of up to 16 numbers many of which are 0 and most of the others small: a bit for each that is not 0, a bit for each that is no
   * unsigned integer of 32 bits, then those that are not 0.
   */
  beginSparse(): void {
    this.#masksAt = this.length;
    this.#mask = this.#wide = 0;
    this.#bit = 1;
    this.u32(0);
  }

  sparse(value: number): void {
    if (value !== 0) {
      this.#mask |= this.#bit;
      if (value >>> 0 === value) this.u32(value);
      else {
        this.#wide |= this.#bit;
        this.f64(value);
      }
    }
    this.#bit <<= 1;
  }

  endSparse(): void {
    this.#view.setUint16(this.#masksAt, this.#mask, true);
    this.#view.setUint16(this.#masksAt + 2, this.#wide, true);
  }

  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Zeroes what was written, which holds keys, and begins anew. */
  clear(): void {
    this.octets.fill(0, 0, this.length);
    this.length = 0;
  }

  #advance(count: number): number {
    const at = this.length;
    this.length = at + count;
    if (this.length > this.octets.length) this.#grow();
    return at;
  }

  #grow(): void {
    const old = this.octets;
    this.octets = new Uint8Array(Math.max(this.length, old.length * 2));
    this.octets.set(old);
    this.#view = new DataView(this.octets.buffer);
    old.fill(0);
  }
}
