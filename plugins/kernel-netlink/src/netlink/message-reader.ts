import { SystemError } from "@cygnet/plugin-api";
import { IS_LITTLE_ENDIAN } from "./byte-order.js";
import {
  align4,
  ATTRIBUTE_HEADER_BYTES,
  ATTRIBUTE_TYPE_MASK,
  HEADER_BYTES,
  NLM_F_ACK_TLVS,
  NLM_F_CAPPED,
  NLMSGERR_ATTR_MSG,
} from "./constants.js";

const WORD = 2 ** 32;

/**
 * Reads netlink messages and their attributes. A cursor: `next` goes to the next message, `attributes` and `nextAttribute` through those of it,
 * and fields are read by their offset in the structure, or in the attribute's value. No field is read beyond the end of what it is in.
 */
export class MessageReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #limit = 0;
  #next = 0;
  #start = 0;
  #end = 0;
  #nextAttribute = 0;
  #fieldStart = 0;
  #fieldEnd = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Begins anew, with the first `octets`. */
  reset(octets: number): void {
    this.#limit = Math.min(octets, this.#bytes.length);
    this.#next = 0;
  }

  /** Goes to the next message. @throws {SystemError} CYG_NETLINK_MALFORMED for one that is cut off */
  next(): boolean {
    const at = this.#next;
    if (at >= this.#limit) return false;
    const length = at + HEADER_BYTES <= this.#limit ? this.#view.getUint32(at, IS_LITTLE_ENDIAN) : 0;
    if (length < HEADER_BYTES || at + length > this.#limit) throw malformed(`message at ${at}`);
    this.#start = at;
    this.#end = at + length;
    this.#next = at + align4(length);
    this.#toStructure();
    return true;
  }

  get type(): number {
    return this.#view.getUint16(this.#start + 4, IS_LITTLE_ENDIAN);
  }

  get flags(): number {
    return this.#view.getUint16(this.#start + 6, IS_LITTLE_ENDIAN);
  }

  get sequence(): number {
    return this.#view.getUint32(this.#start + 8, IS_LITTLE_ENDIAN);
  }

  /** Octets of the structure and the attributes, or of the attribute's value. */
  get length(): number {
    return this.#fieldEnd - this.#fieldStart;
  }

  // --- fields ---

  u8(at: number): number {
    return this.#view.getUint8(this.#field(at, 1));
  }

  u16(at: number): number {
    return this.#view.getUint16(this.#field(at, 2), IS_LITTLE_ENDIAN);
  }

  u32(at: number): number {
    return this.#view.getUint32(this.#field(at, 4), IS_LITTLE_ENDIAN);
  }

  i32(at: number): number {
    return this.#view.getInt32(this.#field(at, 4), IS_LITTLE_ENDIAN);
  }

  /** As a number: exact up to 2^53. */
  u64(at: number): number {
    const field = this.#field(at, 8);
    const low = this.#view.getUint32(field + (IS_LITTLE_ENDIAN ? 0 : 4), IS_LITTLE_ENDIAN);
    const high = this.#view.getUint32(field + (IS_LITTLE_ENDIAN ? 4 : 0), IS_LITTLE_ENDIAN);
    return high * WORD + low;
  }

  be16(at: number): number {
    return this.#view.getUint16(this.#field(at, 2));
  }

  be32(at: number): number {
    return this.#view.getUint32(this.#field(at, 4));
  }

  /** A copy. */
  bytes(at: number, length: number): Uint8Array {
    const from = this.#field(at, length);
    return this.#bytes.slice(from, from + length);
  }

  /** The attribute's value as text, up to its terminating zero. */
  text(): string {
    const value = this.#bytes.subarray(this.#fieldStart, this.#fieldEnd);
    const zero = value.indexOf(0);
    return new TextDecoder().decode(zero < 0 ? value : value.subarray(0, zero));
  }

  // --- attributes ---

  /** Goes before the first attribute, which follows the structure. */
  attributes(structBytes: number): void {
    this.#toStructure();
    this.#nextAttribute = Math.min(this.#end, this.#fieldStart + align4(structBytes));
  }

  /** Goes to the next attribute, whose value the fields are read from then. @returns its type, -1 behind the last */
  nextAttribute(): number {
    const at = this.#nextAttribute;
    if (at + ATTRIBUTE_HEADER_BYTES > this.#end) {
      this.#toStructure();
      return -1;
    }
    const length = this.#view.getUint16(at, IS_LITTLE_ENDIAN);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > this.#end) throw malformed(`attribute at ${at}`);
    this.#fieldStart = at + ATTRIBUTE_HEADER_BYTES;
    this.#fieldEnd = at + length;
    this.#nextAttribute = Math.min(this.#end, at + align4(length));
    return this.#view.getUint16(at + 2, IS_LITTLE_ENDIAN) & ATTRIBUTE_TYPE_MASK;
  }

  /** Looks for an attribute, whose value the fields are read from then. */
  find(type: number, structBytes: number): boolean {
    this.attributes(structBytes);
    for (let found = this.nextAttribute(); found >= 0; found = this.nextAttribute()) if (found === type) return true;
    return false;
  }

  /** What the kernel says about a refusal, in an NLMSG_ERROR; empty where it says nothing. */
  refusalText(): string {
    if (!(this.flags & NLM_F_ACK_TLVS)) return "";
    // Behind the errno comes the header of the request, and the rest of it unless the answer is capped.
    this.#toStructure();
    const repeated = this.flags & NLM_F_CAPPED ? HEADER_BYTES : align4(this.u32(4));
    return this.find(NLMSGERR_ATTR_MSG, 4 + repeated) ? this.text() : "";
  }

  #toStructure(): void {
    this.#fieldStart = this.#start + HEADER_BYTES;
    this.#fieldEnd = this.#end;
  }

  #field(at: number, length: number): number {
    const from = this.#fieldStart + at;
    if (at < 0 || from + length > this.#fieldEnd) throw malformed(`field at ${from}`);
    return from;
  }
}

function malformed(where: string): SystemError {
  return new SystemError("CYG_NETLINK_MALFORMED", "recvmsg", "EBADMSG", `netlink: ${where} is cut off`);
}
