import { NotifyType } from "../constants/notify-type.js";
import { PayloadType } from "../constants/payload-type.js";
import { ProtocolId } from "../constants/protocol-id.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * Notify payload, RFC 7296 section 3.10.
 *
 *   0     protocol, meaningful only with an SPI
 *   1     octets of the SPI
 *   2..3  notify message type
 *   4..   SPI, then the notification data
 */
export interface NotifyPayload {
  readonly type: PayloadType.NOTIFY;
  /** A `ProtocolId`; to be ignored, and sent as NONE, where `spi` is empty. */
  readonly protocol: number;
  /** Empty, or 4 octets for AH and ESP. */
  readonly spi: Uint8Array;
  /** A `NotifyType`. */
  readonly notifyType: number;
  readonly data: Uint8Array;
}

const EMPTY = new Uint8Array(0);

/** A notify about the IKE_SA, without an SPI. `data` is kept, not copied. */
export function makeNotifyPayload(notifyType: number, data: Uint8Array = EMPTY): NotifyPayload {
  return { type: PayloadType.NOTIFY, protocol: ProtocolId.NONE, spi: EMPTY, notifyType, data };
}

/** What a notify's data may be: its length in octets, a multiple of `unit`. */
interface DataRule {
  readonly least: number;
  readonly most: number;
  readonly unit: number;
}

function exactly(length: number): DataRule {
  return { least: length, most: length, unit: 1 };
}

/** Notifies whose data has a length set by its RFC; all others may carry anything. */
const DATA_RULES: ReadonlyMap<number, DataRule> = new Map([
  [NotifyType.INVALID_KE_PAYLOAD, exactly(2)],
  [NotifyType.SET_WINDOW_SIZE, exactly(4)],
  [NotifyType.IPCOMP_SUPPORTED, { least: 3, most: 65_535, unit: 1 }],
  [NotifyType.NAT_DETECTION_SOURCE_IP, exactly(20)],
  [NotifyType.NAT_DETECTION_DESTINATION_IP, exactly(20)],
  // RFC 7296 section 2.6
  [NotifyType.COOKIE, { least: 1, most: 64, unit: 1 }],
  // RFC 4555 section 4.2.5
  [NotifyType.COOKIE2, { least: 8, most: 64, unit: 1 }],
  [NotifyType.ADDITIONAL_IP4_ADDRESS, exactly(4)],
  [NotifyType.ADDITIONAL_IP6_ADDRESS, exactly(16)],
  // RFC 4478 section 3
  [NotifyType.AUTH_LIFETIME, exactly(4)],
  // RFC 7427 section 4, 16-bit hash algorithm ids
  [NotifyType.SIGNATURE_HASH_ALGORITHMS, { least: 2, most: 65_534, unit: 2 }],
]);

function isSpiSizeValid(protocol: number, size: number): boolean {
  switch (protocol) {
    case ProtocolId.NONE:
      return false;
    case ProtocolId.IKE:
      // RFC 7296 wants none here; RFC 4306 peers send the 8 octets of the IKE SPI.
      return size === 8;
    case ProtocolId.AH:
    case ProtocolId.ESP:
      return size === 4;
    default:
      return true;
  }
}

/** Codec of the Notify payload. */
export const notifyPayload: PayloadCodec<NotifyPayload> = {
  type: PayloadType.NOTIFY,
  decode(r) {
    const protocol = r.u8("protocol");
    const spiSize = r.u8("SPI size");
    if (spiSize !== 0 && !isSpiSizeValid(protocol, spiSize)) r.fail("CYG_WIRE_LENGTH", "SPI size", 1);
    const notifyType = r.u16("notify message type");
    const spi = spiSize === 0 ? EMPTY : r.take(spiSize, "SPI");
    const data = r.rest();
    const rule = DATA_RULES.get(notifyType);
    if (rule !== undefined && (data.length < rule.least || data.length > rule.most || data.length % rule.unit !== 0)) {
      r.fail("CYG_WIRE_LENGTH", "notification data", data.length);
    }
    return { type: PayloadType.NOTIFY, protocol, spi, notifyType, data };
  },
  encode(w, { protocol, spi, notifyType, data }) {
    w.u8(protocol, "protocol").u8(spi.length, "SPI size").u16(notifyType, "notify message type");
    w.copy(spi, "SPI").copy(data, "notification data");
  },
};
