import { IdType } from "../constants/id-type.js";
import { PayloadType } from "../constants/payload-type.js";
import type { Reader } from "../reader.js";
import type { Writer } from "../writer.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * Identification payloads, RFC 7296 section 3.5.
 *
 *   0     identification type
 *   1..3  reserved
 *   4..   identification data
 */
export interface IdPayload<T extends PayloadType = PayloadType.IDi | PayloadType.IDr> {
  readonly type: T;
  /** An `IdType`. */
  readonly idType: number;
  /** 4 octets for ID_IPV4_ADDR, 16 for ID_IPV6_ADDR, any number for the other types. */
  readonly data: Uint8Array;
  /**
   * The whole body exactly as received, reserved octets included, since the AUTH payload covers those too (section 2.15).
   * Undefined in values made as literals: `idBody` builds it then.
   */
  readonly body?: Uint8Array | undefined;
}
export type IdInitiatorPayload = IdPayload<PayloadType.IDi>;
export type IdResponderPayload = IdPayload<PayloadType.IDr>;

const BODY_HEAD_BYTES = 4;

/** Octets of the identity data by type, where the RFC fixes them; zero where it does not. */
function fixedBytes(idType: number): number {
  if (idType === IdType.ID_IPV4_ADDR) return 4;
  return idType === IdType.ID_IPV6_ADDR ? 16 : 0;
}

/**
 * Makes an identity payload whose `body` is ready for the AUTH computation.
 *
 * @param data is copied
 */
export function makeIdPayload<T extends PayloadType.IDi | PayloadType.IDr>(
  type: T,
  idType: number,
  data: Uint8Array,
): IdPayload<T> {
  const body = new Uint8Array(BODY_HEAD_BYTES + data.length);
  body[0] = idType;
  body.set(data, BODY_HEAD_BYTES);
  return { type, idType, data: body.subarray(BODY_HEAD_BYTES), body };
}

/**
 * The octets of an identity payload behind its generic header: what MACedIDForI and MACedIDForR are computed over
 * (RFC 7296 section 2.15). For a received payload a view into the datagram, with its reserved octets as they came.
 */
export function idBody(payload: IdPayload): Uint8Array {
  return payload.body ?? (makeIdPayload(payload.type, payload.idType, payload.data).body as Uint8Array);
}

function decode<T extends PayloadType.IDi | PayloadType.IDr>(r: Reader, type: T): IdPayload<T> {
  const start = r.offset;
  const idType = r.u8("identification type");
  r.skip(3, "reserved");
  const data = r.rest();
  const fixed = fixedBytes(idType);
  if (fixed !== 0 && data.length !== fixed) r.fail("CYG_WIRE_LENGTH", "identification data", data.length);
  return { type, idType, data, body: r.bytes.subarray(start, r.end) };
}

function encode(w: Writer, { idType, data }: IdPayload): void {
  w.u8(idType, "identification type").zeros(3).copy(data, "identification data");
}

/** Codec of the initiator's Identification payload. */
export const idInitiatorPayload: PayloadCodec<IdInitiatorPayload> = {
  type: PayloadType.IDi,
  decode(r) {
    return decode(r, PayloadType.IDi);
  },
  encode,
};

/** Codec of the responder's Identification payload. */
export const idResponderPayload: PayloadCodec<IdResponderPayload> = {
  type: PayloadType.IDr,
  decode(r) {
    return decode(r, PayloadType.IDr);
  },
  encode,
};
