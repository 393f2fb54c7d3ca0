import { PayloadType } from "../constants/payload-type.js";
import { MAX_NONCE_BYTES, MIN_NONCE_BYTES } from "../limits.js";
import type { PayloadCodec } from "./payload-codec.js";

/** Nonce payload, RFC 7296 section 3.9: 16 to 256 random octets. */
export interface NoncePayload {
  readonly type: PayloadType.NONCE;
  readonly data: Uint8Array;
}

/** Codec of the Nonce payload. */
export const noncePayload: PayloadCodec<NoncePayload> = {
  type: PayloadType.NONCE,
  decode(r) {
    const length = r.remaining;
    if (length < MIN_NONCE_BYTES || length > MAX_NONCE_BYTES) r.fail("CYG_WIRE_LENGTH", "nonce");
    return { type: PayloadType.NONCE, data: r.rest() };
  },
  encode(w, { data }) {
    w.copy(data, "nonce");
  },
};
