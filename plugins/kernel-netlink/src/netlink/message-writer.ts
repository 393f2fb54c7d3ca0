import { SystemError } from "@cygnet/plugin-api";
import { IS_LITTLE_ENDIAN } from "./byte-order.js";
import { align4, ATTRIBUTE_HEADER_BYTES, HEADER_BYTES } from "./constants.js";

const WORD = 2 ** 32;
const ALL_BITS = 0xffffffff;

/** What a request is. */
export interface RequestHeader {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
}

/**
 * Writes netlink messages, one behind the other, into a slab. A message is begun with its header and a zeroed structure, whose fields are set by
 * their offsets in it; attributes follow.
 */
export class MessageWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #start = 0;
  #end = 0;
  #attribute = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Octets of all messages. */
  get length(): number {
    return this.#end;
  }

  /** Forgets all messages, and wipes them: there may be keys in them. */
  clear(): void {
    this.#bytes.fill(0, 0, this.#end);
    this.#start = this.#end = 0;
  }

  /** @param structBytes the size of the structure behind the header */
  begin({ type, flags, sequence }: RequestHeader, structBytes: number): void {
    this.#start = this.#end;
    this.#reserve(HEADER_BYTES + align4(structBytes));
    this.#view.setUint16(this.#start + 4, type, IS_LITTLE_ENDIAN);
    this.#view.setUint16(this.#start + 6, flags, IS_LITTLE_ENDIAN);
    this.#view.setUint32(this.#start + 8, sequence, IS_LITTLE_ENDIAN);
    this.#updateLength();
  }

  // --- fields of the structure, by their offset in it ---

  u8(at: number, value: number): void {
    this.#view.setUint8(this.#field(at), value);
  }

  u16(at: number, value: number): void {
    this.#view.setUint16(this.#field(at), value, IS_LITTLE_ENDIAN);
  }

  u32(at: number, value: number): void {
    this.#view.setUint32(this.#field(at), value, IS_LITTLE_ENDIAN);
  }

  /** @param value a safe integer, or Infinity for all bits */
  u64(at: number, value: number): void {
    const [low, high] = value === Infinity ? [ALL_BITS, ALL_BITS] : [value >>> 0, Math.floor(value / WORD)];
    const field = this.#field(at);
    this.#view.setUint32(field + (IS_LITTLE_ENDIAN ? 0 : 4), low, IS_LITTLE_ENDIAN);
    this.#view.setUint32(field + (IS_LITTLE_ENDIAN ? 4 : 0), high, IS_LITTLE_ENDIAN);
  }

  be16(at: number, value: number): void {
    this.#view.setUint16(this.#field(at), value);
  }

  be32(at: number, value: number): void {
    this.#view.setUint32(this.#field(at), value);
  }

  bytes(at: number, value: Uint8Array): void {
    this.#bytes.set(value, this.#field(at));
  }

  // --- attributes ---

  /**
   * Begins an attribute with a zeroed value; the fields above are those of the value until `end`.
   * @param valueBytes its size
   */
  attribute(type: number, valueBytes: number): void {
    const at = this.#end;
    this.#reserve(ATTRIBUTE_HEADER_BYTES + align4(valueBytes));
    this.#view.setUint16(at, ATTRIBUTE_HEADER_BYTES + valueBytes, IS_LITTLE_ENDIAN);
    this.#view.setUint16(at + 2, type, IS_LITTLE_ENDIAN);
    this.#attribute = at + ATTRIBUTE_HEADER_BYTES;
    this.#updateLength();
  }

  /** Fields are the structure's again. */
  end(): void {
    this.#attribute = 0;
  }

  u32Attribute(type: number, value: number): void {
    this.attribute(type, 4);
    this.u32(0, value);
    this.end();
  }

  bytesAttribute(type: number, value: Uint8Array): void {
    this.attribute(type, value.length);
    this.bytes(0, value);
    this.end();
  }

  /** A text with its terminating zero. */
  textAttribute(type: number, value: string): void {
    const octets = new TextEncoder().encode(value);
    this.attribute(type, octets.length + 1);
    this.bytes(0, octets);
    this.end();
  }

  #field(at: number): number {
    return (this.#attribute === 0 ? this.#start + HEADER_BYTES : this.#attribute) + at;
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes > this.#bytes.length)
      throw new SystemError(
        "CYG_NETLINK_TOO_LONG",
        "sendto",
        "EMSGSIZE",
        `a netlink message of more than ${this.#bytes.length} octets`,
      );
    this.#end += bytes;
    this.#attribute = 0;
  }

  #updateLength(): void {
    this.#view.setUint32(this.#start, this.#end - this.#start, IS_LITTLE_ENDIAN);
  }
}
