import { EapCode } from "../constants/eap.js";
import { PayloadType } from "../constants/payload-type.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * EAP payload, RFC 7296 section 3.16: one EAP packet (RFC 3748 section 4), which fills the payload.
 *
 *   0     code
 *   1     identifier
 *   2..3  length, from the code on
 *   4     method      (requests and responses only)
 *   5..   method data
 */
export interface EapPayload {
  readonly type: PayloadType.EAP;
  /** An `EapCode`. */
  readonly code: number;
  readonly identifier: number;
  /** An `EapType`; zero in Success and Failure, which have none. */
  readonly method: number;
  /** Empty in Success and Failure. */
  readonly data: Uint8Array;
}

const EMPTY = new Uint8Array(0);
const HEAD_BYTES = 4;

function hasMethod(code: number): boolean {
  return code === EapCode.REQUEST || code === EapCode.RESPONSE;
}

/** Codec of the EAP payload. */
export const eapPayload: PayloadCodec<EapPayload> = {
  type: PayloadType.EAP,
  decode(r) {
    const packet = r.remaining;
    const code = r.u8("EAP code");
    if (code < EapCode.REQUEST || code > EapCode.FAILURE) r.fail("CYG_WIRE_VALUE", "EAP code", 1);
    const identifier = r.u8("EAP identifier");
    if (r.u16("EAP length") !== packet) r.fail("CYG_WIRE_LENGTH", "EAP length", 2);
    if (!hasMethod(code)) return { type: PayloadType.EAP, code, identifier, method: 0, data: EMPTY };
    const method = r.u8("EAP type");
    return { type: PayloadType.EAP, code, identifier, method, data: r.rest() };
  },
  encode(w, { code, identifier, method, data }) {
    const isLong = hasMethod(code);
    w.u8(code, "EAP code").u8(identifier, "EAP identifier");
    w.u16(isLong ? HEAD_BYTES + 1 + data.length : HEAD_BYTES, "EAP length");
    if (isLong) w.u8(method, "EAP type").copy(data, "EAP data");
  },
};
