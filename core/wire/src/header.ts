import { IkeFlags } from "./constants/ike-flags.js";
import { IKE_HEADER_BYTES } from "./limits.js";
import { WireError } from "./wire-error.js";
import type { Writer } from "./writer.js";

/**
 * What a caller says about a message that is to be generated. An `IkeHeader` is one.
 *
 * SPIs are two unsigned 32-bit halves each, most significant half first; both halves of the responder's are zero until it has
 * drawn one.
 */
export interface MessageHead {
  readonly spiInitiatorHi: number;
  readonly spiInitiatorLo: number;
  readonly spiResponderHi: number;
  readonly spiResponderLo: number;
  /** An `ExchangeType`. */
  readonly exchangeType: number;
  /** `IkeFlags`, combined. */
  readonly flags: number;
  /** 0 to 2^32-1. */
  readonly messageId: number;
}

/**
 * IKE header, RFC 7296 section 3.1 (the same octets as ISAKMP's, RFC 2408 section 3.1). Mutable and made to be reused: a
 * receiver keeps one and lets `parseHeader` fill it for each datagram.
 *
 *   0..7   initiator's SPI
 *   8..15  responder's SPI
 *   16     type of the first payload
 *   17     major version, minor version (4 bits each)
 *   18     exchange type
 *   19     flags
 *   20..23 message id
 *   24..27 length of the whole message
 */
export class IkeHeader implements MessageHead {
  spiInitiatorHi = 0;
  spiInitiatorLo = 0;
  spiResponderHi = 0;
  spiResponderLo = 0;
  /** A `PayloadType`; `PayloadType.NONE` in a message without payloads. */
  nextPayload = 0;
  majorVersion = 2;
  minorVersion = 0;
  exchangeType = 0;
  flags = 0;
  messageId = 0;
  /** Octets of the message, this header included. */
  length = 0;

  /** Whether the original initiator of the IKE_SA sent the message. IKEv2 only. */
  get isInitiator(): boolean {
    return (this.flags & IkeFlags.INITIATOR) !== 0;
  }

  /** Whether the message answers one with the same message id. IKEv2 only. */
  get isResponse(): boolean {
    return (this.flags & IkeFlags.RESPONSE) !== 0;
  }

  /** Takes over all fields of another header. */
  copyFrom(other: IkeHeader): this {
    this.spiInitiatorHi = other.spiInitiatorHi;
    this.spiInitiatorLo = other.spiInitiatorLo;
    this.spiResponderHi = other.spiResponderHi;
    this.spiResponderLo = other.spiResponderLo;
    this.nextPayload = other.nextPayload;
    this.majorVersion = other.majorVersion;
    this.minorVersion = other.minorVersion;
    this.exchangeType = other.exchangeType;
    this.flags = other.flags;
    this.messageId = other.messageId;
    this.length = other.length;
    return this;
  }
}

function u32At(b: Uint8Array, at: number): number {
  return ((b[at] << 24) | (b[at + 1] << 16) | (b[at + 2] << 8) | b[at + 3]) >>> 0;
}

/**
 * Reads the header of a datagram, without allocating.
 *
 * The version is not judged: the receiver needs the fields of a foreign version too, to dispatch IKEv1 or to answer
 * INVALID_MAJOR_VERSION. A non-ESP marker must be gone already.
 *
 * @param bytes holds the message from its first octet on; may be longer than the datagram
 * @param length octets of the datagram
 * @param header is filled, also when the length or the initiator's SPI turn out to be wrong
 * @throws {WireError} CYG_WIRE_TRUNCATED if the datagram is shorter than a header or than the header says; CYG_WIRE_TRAILING
 *   if it is longer; CYG_WIRE_LENGTH if the header gives a length shorter than a header; CYG_WIRE_VALUE for a zero initiator SPI
 */
export function parseHeader(bytes: Uint8Array, length: number, header: IkeHeader): void {
  if (length < IKE_HEADER_BYTES || bytes.length < length) {
    throw new WireError("CYG_WIRE_TRUNCATED", "IKE header", Math.max(0, Math.min(length, bytes.length)));
  }
  const version = bytes[17];
  header.spiInitiatorHi = u32At(bytes, 0);
  header.spiInitiatorLo = u32At(bytes, 4);
  header.spiResponderHi = u32At(bytes, 8);
  header.spiResponderLo = u32At(bytes, 12);
  header.nextPayload = bytes[16];
  header.majorVersion = version >>> 4;
  header.minorVersion = version & 15;
  header.exchangeType = bytes[18];
  header.flags = bytes[19];
  header.messageId = u32At(bytes, 20);
  const claimed = u32At(bytes, 24);
  header.length = claimed;
  if (claimed !== length) {
    if (claimed > length) throw new WireError("CYG_WIRE_TRUNCATED", "message", length);
    if (claimed < IKE_HEADER_BYTES) throw new WireError("CYG_WIRE_LENGTH", "message length", 24);
    throw new WireError("CYG_WIRE_TRAILING", "message", claimed);
  }
  if (header.spiInitiatorHi === 0 && header.spiInitiatorLo === 0) throw new WireError("CYG_WIRE_VALUE", "initiator SPI", 0);
}

/**
 * Writes an IKEv2 header with a length of zero, to be completed by `patchHeader`.
 *
 * @returns where the header begins in the writer's buffer
 */
export function writeHeader(writer: Writer, head: MessageHead, nextPayload: number): number {
  const start = writer.offset;
  writer
    .u32(head.spiInitiatorHi, "initiator SPI")
    .u32(head.spiInitiatorLo, "initiator SPI")
    .u32(head.spiResponderHi, "responder SPI")
    .u32(head.spiResponderLo, "responder SPI")
    .u8(nextPayload, "next payload")
    .u8(0x20, "version")
    .u8(head.exchangeType, "exchange type")
    .u8(head.flags, "flags")
    .u32(head.messageId, "message id")
    .u32(0, "message length");
  return start;
}

/** Completes a header that begins at `start` with the length of the message, which ends where the writer stands. */
export function patchHeader(writer: Writer, start: number): number {
  const length = writer.offset - start;
  writer.patchU32(start + 24, length, "message length");
  return length;
}
