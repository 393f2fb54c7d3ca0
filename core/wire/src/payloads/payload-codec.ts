import type { PayloadType } from "../constants/payload-type.js";
import { Reader } from "../reader.js";
import type { Writer } from "../writer.js";

/**
 * Turns the body of one payload type, what stands behind the generic header, into a value and back.
 *
 * Every byte field of a decoded value is a view into the datagram: it is valid only while the datagram is being handled.
 * Who needs it longer copies it.
 */
export interface PayloadCodec<T> {
  readonly type: PayloadType;
  /**
   * Reads the body, which ends at `reader.end`. The caller checks that all of it was read.
   *
   * @throws {WireError} for anything malformed
   */
  decode(reader: Reader): T;
  /**
   * Writes the body. Reserved fields are sent as zero.
   *
   * @throws {WireError} CYG_WIRE_OVERFLOW, CYG_WIRE_RANGE
   */
  encode(writer: Writer, value: T): void;
}

/** Decodes one payload body that fills a buffer, without a generic header. For tests and tools; messages use `parseMessage`. */
export function decodeBody<T>(codec: PayloadCodec<T>, body: Uint8Array): T {
  const reader = new Reader().reset(body, 0, body.length);
  const value = codec.decode(reader);
  reader.finish("payload");
  return value;
}
