import type { PayloadType } from "../constants/payload-type.js";

/**
 * A payload of a type that this package does not decode. It is kept, so that nothing is lost when a message is generated again.
 */
export interface UnknownPayload {
  readonly type: PayloadType.UNKNOWN;
  /** The number on the wire. */
  readonly payloadType: number;
  /**
   * Whether the sender wants the message rejected by who does not know the type (RFC 7296 section 2.5): the answer to a
   * request is UNSUPPORTED_CRITICAL_PAYLOAD with `payloadType` as its one octet of data.
   */
  readonly critical: boolean;
  readonly body: Uint8Array;
}
