import { WireError } from "./wire-error.js";

const EMPTY = new Uint8Array(0);

/**
 * Forward-only cursor over a part of a datagram. Every read names its field, so that an error does too, and none reads past
 * `end`. Byte fields come back as views into the datagram.
 */
export class Reader {
  bytes: Uint8Array = EMPTY;
  /** Position of the next read, from the start of `bytes`. */
  offset = 0;
  /** Where the innermost open structure ends, from the start of `bytes`. */
  end = 0;

  /**
   * Points the cursor to `[start, end)` of a buffer.
   *
   * @throws {WireError} CYG_WIRE_TRUNCATED if the buffer is shorter than that
   */
  reset(bytes: Uint8Array, start: number, end: number): this {
    if (!(start >= 0 && start <= end && end <= bytes.length)) {
      throw new WireError("CYG_WIRE_TRUNCATED", "message", Math.min(Math.max(start, 0), bytes.length));
    }
    this.bytes = bytes;
    this.offset = start;
    this.end = end;
    return this;
  }

  /** Octets up to the end of the innermost open structure. */
  get remaining(): number {
    return this.end - this.offset;
  }

  u8(field: string): number {
    const at = this.offset;
    if (at >= this.end) throw new WireError("CYG_WIRE_TRUNCATED", field, at);
    this.offset = at + 1;
    return this.bytes[at];
  }

  u16(field: string): number {
    const at = this.offset;
    if (at + 2 > this.end) throw new WireError("CYG_WIRE_TRUNCATED", field, at);
    this.offset = at + 2;
    return (this.bytes[at] << 8) | this.bytes[at + 1];
  }

  u32(field: string): number {
    const at = this.offset;
    if (at + 4 > this.end) throw new WireError("CYG_WIRE_TRUNCATED", field, at);
    this.offset = at + 4;
    const b = this.bytes;
    return ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0;
  }

  skip(count: number, field: string): void {
    const at = this.offset;
    if (at + count > this.end) throw new WireError("CYG_WIRE_TRUNCATED", field, at);
    this.offset = at + count;
  }

  /** A view of the next `count` octets. */
  take(count: number, field: string): Uint8Array {
    const at = this.offset;
    if (at + count > this.end) throw new WireError("CYG_WIRE_TRUNCATED", field, at);
    this.offset = at + count;
    // Making a view is what most of the time of parsing goes into; many fields are empty.
    return count === 0 ? EMPTY : this.bytes.subarray(at, at + count);
  }

  /** A view of all octets up to the end of the innermost open structure, possibly none. */
  rest(): Uint8Array {
    const at = this.offset;
    this.offset = this.end;
    return at === this.end ? EMPTY : this.bytes.subarray(at, this.end);
  }

  /** Like `rest`, for a field that may not be empty. */
  restNonEmpty(field: string): Uint8Array {
    if (this.offset >= this.end) throw new WireError("CYG_WIRE_EMPTY_FIELD", field, this.offset);
    return this.rest();
  }

  /**
   * Opens a structure that began at `start`, whose own length field says `length`. Reads stop at its end until `leave`.
   *
   * @param least octets that such a structure has at least, counted from `start`
   * @returns the end of the structure around it, to hand to `leave`
   */
  enter(start: number, length: number, least: number, field: string): number {
    if (length < least) throw new WireError("CYG_WIRE_LENGTH", field, start);
    const end = start + length;
    if (end > this.end) throw new WireError("CYG_WIRE_TRUNCATED", field, start);
    const outer = this.end;
    this.end = end;
    return outer;
  }

  /** Closes what `enter` opened. It must have been read to its end. */
  leave(outer: number, field: string): void {
    this.finish(field);
    this.end = outer;
  }

  /** Asserts that the innermost open structure was read to its end. */
  finish(field: string): void {
    if (this.offset !== this.end) throw new WireError("CYG_WIRE_TRAILING", field, this.offset);
  }

  /** Throws for a field that began `back` octets ago, or is next if `back` is zero. */
  fail(code: WireError["code"], field: string, back = 0): never {
    throw new WireError(code, field, this.offset - back);
  }
}
