import { CertEncoding } from "../constants/cert-encoding.js";
import { PayloadType } from "../constants/payload-type.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * Certificate Request payload, RFC 7296 section 3.7.
 *
 *   0    encoding
 *   1..  acceptable certification authorities; for X.509, SHA-1 hashes of their public keys, 20 octets each
 */
export interface CertReqPayload {
  readonly type: PayloadType.CERTREQ;
  /** A `CertEncoding`. */
  readonly encoding: number;
  /** May be empty: any authority will do. */
  readonly data: Uint8Array;
}

/** Octets of one authority in `CertReqPayload.data` for X.509 encodings. */
export const CERTREQ_HASH_BYTES = 20;

/** Codec of the Certificate Request payload. */
export const certReqPayload: PayloadCodec<CertReqPayload> = {
  type: PayloadType.CERTREQ,
  decode(r) {
    const encoding = r.u8("certificate encoding");
    const data = r.rest();
    if (encoding === CertEncoding.X509_SIGNATURE && data.length % CERTREQ_HASH_BYTES !== 0) {
      r.fail("CYG_WIRE_LENGTH", "certification authority", data.length);
    }
    return { type: PayloadType.CERTREQ, encoding, data };
  },
  encode(w, { encoding, data }) {
    w.u8(encoding, "certificate encoding").copy(data, "certification authority");
  },
};
