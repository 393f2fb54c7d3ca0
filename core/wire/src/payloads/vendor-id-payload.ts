import { PayloadType } from "../constants/payload-type.js";
import type { PayloadCodec } from "./payload-codec.js";

/** Vendor ID payload, RFC 7296 section 3.12: octets that an implementation has chosen for itself. */
export interface VendorIdPayload {
  readonly type: PayloadType.VENDOR_ID;
  readonly data: Uint8Array;
}

/** Codec of the Vendor ID payload. */
export const vendorIdPayload: PayloadCodec<VendorIdPayload> = {
  type: PayloadType.VENDOR_ID,
  decode(r) {
    return { type: PayloadType.VENDOR_ID, data: r.rest() };
  },
  encode(w, { data }) {
    w.copy(data, "vendor id");
  },
};
