import { PayloadType } from "../constants/payload-type.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * Authentication payload, RFC 7296 section 3.8.
 *
 *   0     authentication method
 *   1..3  reserved
 *   4..   signature or MAC, never empty
 */
export interface AuthPayload {
  readonly type: PayloadType.AUTH;
  /** An `AuthMethod`. */
  readonly method: number;
  readonly data: Uint8Array;
}

/** Codec of the Authentication payload. */
export const authPayload: PayloadCodec<AuthPayload> = {
  type: PayloadType.AUTH,
  decode(r) {
    const method = r.u8("authentication method");
    r.skip(3, "reserved");
    return { type: PayloadType.AUTH, method, data: r.restNonEmpty("authentication data") };
  },
  encode(w, { method, data }) {
    w.u8(method, "authentication method").zeros(3).copy(data, "authentication data");
  },
};
