import { PayloadType } from "../constants/payload-type.js";
import { ProtocolId } from "../constants/protocol-id.js";
import { MAX_DELETE_SPIS } from "../limits.js";
import { WireError } from "../wire-error.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * Delete payload, RFC 7296 section 3.11.
 *
 *   0     protocol
 *   1     octets of each SPI
 *   2..3  number of SPIs
 *   4..   SPIs
 */
export interface DeletePayload {
  readonly type: PayloadType.DELETE;
  /** A `ProtocolId`. IKE means the IKE_SA that the message belongs to, without SPIs. */
  readonly protocol: number;
  /** 4 octets each for AH and ESP: the sender's inbound SPIs. */
  readonly spis: readonly Uint8Array[];
}

/** Codec of the Delete payload. */
export const deletePayload: PayloadCodec<DeletePayload> = {
  type: PayloadType.DELETE,
  decode(r) {
    const protocol = r.u8("protocol");
    const size = r.u8("SPI size");
    const count = r.u16("number of SPIs");
    const isIke = protocol === ProtocolId.IKE;
    const isIpsec = protocol === ProtocolId.AH || protocol === ProtocolId.ESP;
    if (protocol === ProtocolId.NONE) r.fail("CYG_WIRE_VALUE", "protocol", 4);
    if (isIke ? size !== 0 : isIpsec && size !== 4) r.fail("CYG_WIRE_LENGTH", "SPI size", 3);
    // A count of empty SPIs would cost nothing to send and an object each to keep.
    if (size === 0 ? count !== 0 : count * size !== r.remaining) r.fail("CYG_WIRE_COUNT", "number of SPIs", 2);
    if (count > MAX_DELETE_SPIS) r.fail("CYG_WIRE_LIMIT", "number of SPIs", 2);
    const spis: Uint8Array[] = [];
    for (let i = 0; i < count; i++) spis.push(r.take(size, "SPI"));
    return { type: PayloadType.DELETE, protocol, spis };
  },
  encode(w, { protocol, spis }) {
    const size = spis.length === 0 ? (protocol === ProtocolId.IKE ? 0 : 4) : spis[0].length;
    w.u8(protocol, "protocol").u8(size, "SPI size").u16(spis.length, "number of SPIs");
    for (let i = 0; i < spis.length; i++) {
      if (spis[i].length !== size) throw new WireError("CYG_WIRE_RANGE", "SPI", w.offset);
      w.copy(spis[i], "SPI");
    }
  },
};
