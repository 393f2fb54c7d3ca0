import { PayloadType } from "./constants/payload-type.js";
import { GENERIC_HEADER_BYTES, MAX_PAYLOADS } from "./limits.js";
import type { EncryptedPayload } from "./payloads/encrypted-payload.js";
import { decodeEncrypted } from "./payloads/encrypted-payload.js";
import type { Payload } from "./payloads/payload.js";
import { payloadCodec, wireType } from "./payloads/payload.js";
import { Reader } from "./reader.js";
import { WireError } from "./wire-error.js";
import type { Writer } from "./writer.js";

const CRITICAL = 0x80;

// Parsing is synchronous and does not call back, so one cursor serves all of it.
const cursor = new Reader();

/**
 * Walks a chain of payloads, RFC 7296 section 3.2, and appends their values to `into`.
 *
 *   0     type of the next payload
 *   1     critical bit, reserved
 *   2..3  length, this header included
 *
 * @param first type of the first payload
 * @param mayBeEncrypted whether SK and SKF are allowed: in a message, not inside another SK
 * @returns the encrypted payload that ended the chain, if one did
 */
export function readChain(
  first: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  mayBeEncrypted: boolean,
  into: Payload[],
): EncryptedPayload | undefined {
  const r = cursor.reset(bytes, start, end);
  let type = first;
  while (type !== PayloadType.NONE) {
    if (into.length === MAX_PAYLOADS) r.fail("CYG_WIRE_LIMIT", "payloads");
    const at = r.offset;
    const next = r.u8("next payload");
    const isCritical = (r.u8("critical bit") & CRITICAL) !== 0;
    const outer = r.enter(at, r.u16("payload length"), GENERIC_HEADER_BYTES, "payload");
    if (type === PayloadType.SK || type === PayloadType.SKF) {
      if (!mayBeEncrypted) r.fail("CYG_WIRE_VALUE", "payload type", GENERIC_HEADER_BYTES);
      return decodeEncrypted(r, type, next, outer);
    }
    const codec = payloadCodec(type);
    // The critical bit of a type that we know says nothing (section 2.5).
    if (codec !== undefined) into.push(codec.decode(r));
    else into.push({ type: PayloadType.UNKNOWN, payloadType: type, critical: isCritical, body: r.rest() });
    r.leave(outer, "payload");
    type = next;
  }
  r.finish("message");
  return undefined;
}

/**
 * Parses the payloads inside an opened SK payload, or reassembled from fragments. Nothing inside is encrypted again.
 *
 * @param first type of the first one; `PayloadType.NONE` if there are none
 * @param start where the first one begins in `bytes`
 * @param end where the last one must end
 * @returns values whose byte fields are views into `bytes`
 * @throws {WireError} for anything malformed
 */
export function parsePayloads(first: number, bytes: Uint8Array, start: number, end: number): Payload[] {
  const payloads: Payload[] = [];
  readChain(first, bytes, start, end, false, payloads);
  return payloads;
}

/** The type of a chain's first payload; `PayloadType.NONE` for an empty chain. */
export function firstPayloadType(payloads: readonly Payload[]): number {
  return payloads.length === 0 ? PayloadType.NONE : wireType(payloads[0]);
}

/**
 * Writes payloads as a chain, in the order given.
 *
 * @returns octets written
 * @throws {WireError} CYG_WIRE_OVERFLOW, CYG_WIRE_RANGE
 */
export function generatePayloads(writer: Writer, payloads: readonly Payload[]): number {
  const start = writer.offset;
  for (let i = 0; i < payloads.length; i++) {
    const payload = payloads[i];
    const at = writer.offset;
    writer.u8(i + 1 < payloads.length ? wireType(payloads[i + 1]) : PayloadType.NONE, "next payload");
    if (payload.type === PayloadType.UNKNOWN) {
      writer
        .u8(payload.critical ? CRITICAL : 0)
        .zeros(2)
        .copy(payload.body, "payload body");
    } else {
      const codec = payloadCodec(payload.type);
      if (codec === undefined) throw new WireError("CYG_WIRE_RANGE", "payload type", at);
      codec.encode(writer.zeros(3), payload);
    }
    writer.patchU16(at + 2, writer.offset - at, "payload length");
  }
  return writer.offset - start;
}
