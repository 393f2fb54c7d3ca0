import { PayloadType } from "./constants/payload-type.js";
import type { MessageHead } from "./header.js";
import { patchHeader, writeHeader } from "./header.js";
import { GENERIC_HEADER_BYTES, IKE_HEADER_BYTES } from "./limits.js";
import { firstPayloadType, generatePayloads } from "./payload-chain.js";
import type { EncryptedPayload } from "./payloads/encrypted-payload.js";
import { FRAGMENT_HEADER_BYTES } from "./payloads/encrypted-payload.js";
import type { Payload } from "./payloads/payload.js";
import { WireError } from "./wire-error.js";
import type { Writer } from "./writer.js";

/**
 * What the layout of a protected message depends on. Any AEAD, or cipher with integrity algorithm, that knows its sizes is one.
 */
export interface ProtectionSizes {
  /** Octets of the initialization vector on the wire. */
  readonly ivBytes: number;
  /** Octets of the integrity checksum on the wire. */
  readonly icvBytes: number;
  /** The plaintext, pad length octet included, is a multiple of this: the cipher's block; 1 for counter modes. */
  readonly blockBytes: number;
}

/**
 * Where the parts of a generated message lie, in offsets of the writer's buffer. One object serves many messages.
 *
 *   start ... ivAt ... plainAt ... innerEnd ... icvAt ... end
 *   header,   IV       payloads    padding,     checksum
 *   SK header                      pad length
 */
export class ProtectedLayout {
  start = 0;
  /** Associated data is `[start, ivAt)`. */
  ivAt = 0;
  plainAt = 0;
  /** Where the padding begins. */
  innerEnd = 0;
  /** Plaintext, to be encrypted in place, is `[plainAt, icvAt)`. */
  icvAt = 0;
  end = 0;

  /** Octets of the whole message. */
  get length(): number {
    return this.end - this.start;
  }
}

/** Part of a buffer, `[start, end)`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One fragment of a message that is to be generated, RFC 7383 section 2.5. */
export interface FragmentPart {
  /** Type of the first payload of the whole chain; goes out in the first fragment only. */
  readonly firstPayload: number;
  /** 1 to `totalFragments`. */
  readonly fragmentNumber: number;
  readonly totalFragments: number;
  /** This fragment's piece of the chain of payloads. */
  readonly plaintext: Uint8Array;
}

/** How a chain of payloads is cut: `count` pieces of `pieceBytes` octets, the last one possibly shorter. */
export interface FragmentPlan {
  readonly count: number;
  readonly pieceBytes: number;
}

/**
 * Generates a message without encryption.
 *
 * @param writer gets the message at its offset
 * @returns octets of the message
 * @throws {WireError} CYG_WIRE_OVERFLOW, CYG_WIRE_RANGE
 */
export function generateMessage(writer: Writer, head: MessageHead, payloads: readonly Payload[]): number {
  const start = writeHeader(writer, head, firstPayloadType(payloads));
  generatePayloads(writer, payloads);
  return patchHeader(writer, start);
}

function padAndClose(writer: Writer, skAt: number, sizes: ProtectionSizes, layout: ProtectedLayout): ProtectedLayout {
  const { ivBytes, icvBytes, blockBytes } = sizes;
  layout.innerEnd = writer.offset;
  const over = (writer.offset - layout.plainAt + 1) % blockBytes;
  const padBytes = over === 0 ? 0 : blockBytes - over;
  writer.zeros(padBytes, "padding").u8(padBytes, "pad length");
  layout.ivAt = layout.plainAt - ivBytes;
  layout.icvAt = writer.reserve(icvBytes, "integrity checksum");
  layout.end = writer.offset;
  writer.patchU16(skAt + 2, layout.end - skAt, "encrypted payload length");
  patchHeader(writer, layout.start);
  return layout;
}

/**
 * Generates a message whose payloads are all inside an SK payload (RFC 7296 section 3.14), ready to be sealed in place: the
 * caller fills the IV at `ivAt`, encrypts `[plainAt, icvAt)` and writes the checksum at `icvAt`. Padding is the least possible
 * and zero.
 *
 * A message found too long for the path is fragmented without generating it again: cut `[plainAt, innerEnd)`.
 *
 * @param writer gets the message at its offset
 * @param layout is filled and returned
 * @throws {WireError} CYG_WIRE_OVERFLOW, CYG_WIRE_RANGE
 */
export function beginProtected(
  writer: Writer,
  head: MessageHead,
  payloads: readonly Payload[],
  sizes: ProtectionSizes,
  layout: ProtectedLayout,
): ProtectedLayout {
  layout.start = writeHeader(writer, head, PayloadType.SK);
  const skAt = writer.offset;
  writer.u8(firstPayloadType(payloads), "next payload").zeros(3);
  writer.reserve(sizes.ivBytes, "initialization vector");
  layout.plainAt = writer.offset;
  generatePayloads(writer, payloads);
  return padAndClose(writer, skAt, sizes, layout);
}

/**
 * Generates one fragment message (RFC 7383 section 2.5), to be sealed like one of `beginProtected`.
 *
 * @param writer gets the message at its offset; its buffer must not be the one that `part.plaintext` is a view of
 * @param layout is filled and returned
 * @throws {WireError} CYG_WIRE_OVERFLOW, CYG_WIRE_RANGE
 */
export function beginFragment(
  writer: Writer,
  head: MessageHead,
  part: FragmentPart,
  sizes: ProtectionSizes,
  layout: ProtectedLayout,
): ProtectedLayout {
  layout.start = writeHeader(writer, head, PayloadType.SKF);
  const skAt = writer.offset;
  writer.u8(part.fragmentNumber === 1 ? part.firstPayload : PayloadType.NONE, "next payload").zeros(3);
  writer.u16(part.fragmentNumber, "fragment number").u16(part.totalFragments, "total fragments");
  writer.reserve(sizes.ivBytes, "initialization vector");
  layout.plainAt = writer.offset;
  writer.copy(part.plaintext, "fragment");
  return padAndClose(writer, skAt, sizes, layout);
}

/**
 * How to cut a chain of payloads so that no fragment message is longer than `maxMessageBytes`. All pieces but the last are as
 * long as fits.
 *
 * @param innerBytes octets of the chain
 * @param maxMessageBytes largest UDP payload, without a non-ESP marker
 * @throws {WireError} CYG_WIRE_RANGE if not one octet of the chain fits, or more than 65,535 fragments were needed
 */
export function planFragments(innerBytes: number, maxMessageBytes: number, sizes: ProtectionSizes): FragmentPlan {
  const around = IKE_HEADER_BYTES + GENERIC_HEADER_BYTES + FRAGMENT_HEADER_BYTES + sizes.ivBytes + sizes.icvBytes;
  const room = maxMessageBytes - around;
  const pieceBytes = room - (room % sizes.blockBytes) - 1;
  const count = Math.max(1, Math.ceil(innerBytes / pieceBytes));
  if (pieceBytes < 1 || count > 0xffff) throw new WireError("CYG_WIRE_RANGE", "fragment size", 0);
  return { count, pieceBytes };
}

/**
 * Checks that an encrypted payload can be what the algorithms produce, before any work is spent on its checksum.
 *
 * @throws {WireError} CYG_WIRE_LENGTH
 */
export function checkSealed(encrypted: EncryptedPayload, sizes: ProtectionSizes): void {
  const plainBytes = encrypted.end - encrypted.at - sizes.ivBytes - sizes.icvBytes;
  if (plainBytes < 1 || plainBytes % sizes.blockBytes !== 0) {
    throw new WireError("CYG_WIRE_LENGTH", "encrypted payload", encrypted.at);
  }
}

/**
 * Finds the payloads inside an SK or SKF payload that was verified and decrypted in place.
 *
 * @param ivAt, ivBytes, icvBytes as on the wire; `end` is the end of the encrypted payload
 * @returns what to hand to `parsePayloads` or to a `FragmentReassembler`
 * @throws {WireError} CYG_WIRE_LENGTH if there is no room for a pad length, CYG_WIRE_PADDING if the padding is longer than the
 *   plaintext
 */
export function openedPayload(bytes: Uint8Array, ivAt: number, ivBytes: number, icvBytes: number, end: number): ByteRange {
  const start = ivAt + ivBytes;
  const padAt = end - icvBytes - 1;
  if (padAt < start || end > bytes.length)
    throw new WireError("CYG_WIRE_LENGTH", "encrypted payload", Math.min(ivAt, bytes.length));
  const innerEnd = padAt - bytes[padAt];
  if (innerEnd < start) throw new WireError("CYG_WIRE_PADDING", "pad length", padAt);
  return { start, end: innerEnd };
}
