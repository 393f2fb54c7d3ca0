import { KeyExchangeMethod } from "../constants/key-exchange-method.js";
import { PayloadType } from "../constants/payload-type.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * Key Exchange payload, RFC 7296 section 3.4.
 *
 *   0..1  key exchange method
 *   2..3  reserved
 *   4..   public value, length set by the method; empty for the load-tester's MODP_NULL alone
 */
export interface KePayload {
  readonly type: PayloadType.KE;
  /** A `KeyExchangeMethod`. */
  readonly method: number;
  readonly data: Uint8Array;
}

/** Codec of the Key Exchange payload. */
export const kePayload: PayloadCodec<KePayload> = {
  type: PayloadType.KE,
  decode(r) {
    const method = r.u16("key exchange method");
    r.skip(2, "reserved");
    const data = method === KeyExchangeMethod.MODP_NULL ? r.rest() : r.restNonEmpty("key exchange data");
    return { type: PayloadType.KE, method, data };
  },
  encode(w, { method, data }) {
    w.u16(method, "key exchange method").zeros(2).copy(data, "key exchange data");
  },
};
