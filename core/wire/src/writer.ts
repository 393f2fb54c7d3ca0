import { WireError } from "./wire-error.js";

/**
 * Forward-only cursor that fills a buffer which its caller owns. One writer serves many messages: `reset` it before each.
 * Writes past the limit throw CYG_WIRE_OVERFLOW, numbers that do not fit their field CYG_WIRE_RANGE; what was written before
 * stays in the buffer and means nothing.
 */
export class Writer {
  bytes: Uint8Array;
  /** Position of the next write, from the start of `bytes`. */
  offset = 0;
  /** No octet at or behind this position is written. */
  limit: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.limit = bytes.length;
  }

  /**
   * Starts over, in the same buffer or another one, at `start` and up to `limit`.
   *
   * @throws {WireError} CYG_WIRE_OVERFLOW if the buffer is shorter than that
   */
  reset(bytes: Uint8Array = this.bytes, start = 0, limit = bytes.length): this {
    if (!(start >= 0 && start <= limit && limit <= bytes.length)) throw new WireError("CYG_WIRE_OVERFLOW", "buffer", start);
    this.bytes = bytes;
    this.offset = start;
    this.limit = limit;
    return this;
  }

  u8(value: number, field = "octet"): this {
    const at = this.offset;
    if ((value & 0xff) !== value) throw new WireError("CYG_WIRE_RANGE", field, at);
    if (at >= this.limit) throw new WireError("CYG_WIRE_OVERFLOW", field, at);
    this.bytes[at] = value;
    this.offset = at + 1;
    return this;
  }

  u16(value: number, field = "16-bit field"): this {
    const at = this.offset;
    if ((value & 0xffff) !== value) throw new WireError("CYG_WIRE_RANGE", field, at);
    if (at + 2 > this.limit) throw new WireError("CYG_WIRE_OVERFLOW", field, at);
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
    this.offset = at + 2;
    return this;
  }

  u32(value: number, field = "32-bit field"): this {
    const at = this.offset;
    if (value >>> 0 !== value) throw new WireError("CYG_WIRE_RANGE", field, at);
    if (at + 4 > this.limit) throw new WireError("CYG_WIRE_OVERFLOW", field, at);
    const b = this.bytes;
    b[at] = value >>> 24;
    b[at + 1] = value >>> 16;
    b[at + 2] = value >>> 8;
    b[at + 3] = value;
    this.offset = at + 4;
    return this;
  }

  copy(source: Uint8Array, field = "octets"): this {
    const at = this.offset;
    const count = source.length;
    if (at + count > this.limit) throw new WireError("CYG_WIRE_OVERFLOW", field, at);
    // A call to set() costs more than a short loop; most fields are SPIs and addresses.
    if (count <= 16) for (let i = 0; i < count; i++) this.bytes[at + i] = source[i];
    else this.bytes.set(source, at);
    this.offset = at + count;
    return this;
  }

  zeros(count: number, field = "reserved"): this {
    const at = this.offset;
    if (at + count > this.limit) throw new WireError("CYG_WIRE_OVERFLOW", field, at);
    // As in copy(): reserved fields have one to three octets.
    if (count <= 16) for (let i = 0; i < count; i++) this.bytes[at + i] = 0;
    else this.bytes.fill(0, at, at + count);
    this.offset = at + count;
    return this;
  }

  /** Leaves `count` octets as they are, for somebody else to fill, and returns where they begin. */
  reserve(count: number, field = "octets"): number {
    const at = this.offset;
    if (at + count > this.limit) throw new WireError("CYG_WIRE_OVERFLOW", field, at);
    this.offset = at + count;
    return at;
  }

  /** Overwrites an octet that was written before. */
  patchU8(at: number, value: number): void {
    this.bytes[at] = value;
  }

  /** Overwrites 16 bits that were written before, typically a length that is known now. */
  patchU16(at: number, value: number, field = "length"): void {
    if ((value & 0xffff) !== value) throw new WireError("CYG_WIRE_RANGE", field, at);
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
  }

  /** Overwrites 32 bits that were written before. */
  patchU32(at: number, value: number, field = "length"): void {
    if (value >>> 0 !== value) throw new WireError("CYG_WIRE_RANGE", field, at);
    this.bytes[at] = value >>> 24;
    this.bytes[at + 1] = value >>> 16;
    this.bytes[at + 2] = value >>> 8;
    this.bytes[at + 3] = value;
  }
}
