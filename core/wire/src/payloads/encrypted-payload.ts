import { PayloadType } from "../constants/payload-type.js";
import { MAX_FRAGMENTS } from "../limits.js";
import type { Reader } from "../reader.js";

/**
 * Encrypted payload (SK, RFC 7296 section 3.14) or Encrypted Fragment payload (SKF, RFC 7383 section 2.5), still sealed. It is
 * the last payload of its message; its next payload field names the first payload inside.
 *
 *   SK                              SKF
 *   0..   initialization vector     0..1  fragment number, from 1
 *         ciphertext                2..3  total fragments
 *         integrity checksum        4..   as SK from here
 *
 * Offsets are from the start of the datagram. Everything up to `at` is associated data of the AEAD.
 */
export interface EncryptedPayload {
  readonly type: PayloadType.SK | PayloadType.SKF;
  /**
   * A `PayloadType`; NONE if nothing is inside. In fragments but the first it is sent as NONE and to be ignored (RFC 7383
   * section 2.5).
   */
  readonly firstPayload: number;
  /** Where the initialization vector begins. */
  readonly at: number;
  /** Where the payload, and so the message, ends. */
  readonly end: number;
  /** 1 to `totalFragments`; 1 for SK. */
  readonly fragmentNumber: number;
  /** 1 for SK. */
  readonly totalFragments: number;
}

/** Octets between the generic header and the initialization vector of an SKF payload. */
export const FRAGMENT_HEADER_BYTES = 4;

/**
 * Reads what can be read of an SK or SKF payload before it is opened.
 *
 * @param reader stands behind the generic header; its end is the payload's end
 * @throws {WireError} CYG_WIRE_TRAILING if it is not the last payload, CYG_WIRE_EMPTY_FIELD if nothing is in it,
 *   CYG_WIRE_VALUE for impossible fragment numbers, CYG_WIRE_LIMIT for more than `MAX_FRAGMENTS`
 */
export function decodeEncrypted(
  reader: Reader,
  type: PayloadType.SK | PayloadType.SKF,
  firstPayload: number,
  messageEnd: number,
): EncryptedPayload {
  if (reader.end !== messageEnd) reader.fail("CYG_WIRE_TRAILING", "encrypted payload", reader.offset - reader.end);
  let fragmentNumber = 1;
  let totalFragments = 1;
  if (type === PayloadType.SKF) {
    fragmentNumber = reader.u16("fragment number");
    totalFragments = reader.u16("total fragments");
    if (fragmentNumber === 0 || fragmentNumber > totalFragments) {
      reader.fail("CYG_WIRE_VALUE", "fragment number", FRAGMENT_HEADER_BYTES);
    }
    if (totalFragments > MAX_FRAGMENTS) reader.fail("CYG_WIRE_LIMIT", "total fragments", 2);
  }
  if (reader.remaining === 0) reader.fail("CYG_WIRE_EMPTY_FIELD", "encrypted payload");
  return { type, firstPayload, at: reader.offset, end: reader.end, fragmentNumber, totalFragments };
}
