import { PayloadType } from "../constants/payload-type.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * Certificate payload, RFC 7296 section 3.6.
 *
 *   0    encoding
 *   1..  certificate, CRL, or hash and URL; never empty
 */
export interface CertPayload {
  readonly type: PayloadType.CERT;
  /** A `CertEncoding`. */
  readonly encoding: number;
  readonly data: Uint8Array;
}

/** Codec of the Certificate payload. */
export const certPayload: PayloadCodec<CertPayload> = {
  type: PayloadType.CERT,
  decode(r) {
    const encoding = r.u8("certificate encoding");
    return { type: PayloadType.CERT, encoding, data: r.restNonEmpty("certificate data") };
  },
  encode(w, { encoding, data }) {
    w.u8(encoding, "certificate encoding").copy(data, "certificate data");
  },
};
