import { PayloadType } from "../constants/payload-type.js";
import { TrafficSelectorType } from "../constants/traffic-selector-type.js";
import type { Reader } from "../reader.js";
import { WireError } from "../wire-error.js";
import type { Writer } from "../writer.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * One traffic selector, RFC 7296 section 3.13.1.
 *
 *   0       type
 *   1       IP protocol, zero for any
 *   2..3    length
 *   4..5    start port     (ICMP: type and code)
 *   6..7    end port
 *   8..     start address, end address: 4 octets each, or 16
 *
 * Selectors of other types than the two address ranges (RFC 9478 labels, for one) have ports of zero, empty addresses, and
 * everything behind the length in `body`.
 */
export interface WireTrafficSelector {
  /** A `TrafficSelectorType`. */
  readonly tsType: number;
  readonly protocol: number;
  readonly startPort: number;
  readonly endPort: number;
  readonly startAddress: Uint8Array;
  readonly endAddress: Uint8Array;
  /** Only in selectors of another type than an address range. */
  readonly body?: Uint8Array | undefined;
}

/**
 * Traffic Selector payloads, RFC 7296 section 3.13.
 *
 *   0     number of selectors
 *   1..3  reserved
 *   4..   selectors
 */
export interface TsPayload<T extends PayloadType = PayloadType.TSi | PayloadType.TSr> {
  readonly type: T;
  /** 0 to 255. None is no mistake of form: strongSwan sends that where its configuration leaves nothing, and wants TS_UNACCEPTABLE for it. */
  readonly selectors: readonly WireTrafficSelector[];
}
export type TsInitiatorPayload = TsPayload<PayloadType.TSi>;
export type TsResponderPayload = TsPayload<PayloadType.TSr>;

const SELECTOR_HEAD_BYTES = 4;
const EMPTY = new Uint8Array(0);

/** Octets of an address in selectors of a type, zero for types that are not address ranges. */
function addressBytes(tsType: number): number {
  if (tsType === TrafficSelectorType.TS_IPV4_ADDR_RANGE) return 4;
  return tsType === TrafficSelectorType.TS_IPV6_ADDR_RANGE ? 16 : 0;
}

function decodeSelector(r: Reader): WireTrafficSelector {
  const start = r.offset;
  const tsType = r.u8("traffic selector type");
  const protocol = r.u8("IP protocol");
  const length = r.u16("selector length");
  const outer = r.enter(start, length, SELECTOR_HEAD_BYTES, "traffic selector");
  const address = addressBytes(tsType);
  let selector: WireTrafficSelector;
  if (address === 0) {
    const body = r.rest();
    selector = { tsType, protocol, startPort: 0, endPort: 0, startAddress: EMPTY, endAddress: EMPTY, body };
  } else {
    if (length !== SELECTOR_HEAD_BYTES + 4 + 2 * address) r.fail("CYG_WIRE_LENGTH", "selector length", 2);
    const startPort = r.u16("start port");
    const endPort = r.u16("end port");
    const startAddress = r.take(address, "start address");
    const endAddress = r.take(address, "end address");
    selector = { tsType, protocol, startPort, endPort, startAddress, endAddress, body: undefined };
  }
  r.leave(outer, "traffic selector");
  return selector;
}

function encodeSelector(w: Writer, selector: WireTrafficSelector): void {
  const start = w.offset;
  const address = addressBytes(selector.tsType);
  w.u8(selector.tsType, "traffic selector type").u8(selector.protocol, "IP protocol").zeros(2);
  if (address === 0) {
    w.copy(selector.body ?? EMPTY, "traffic selector");
  } else {
    const { startAddress, endAddress } = selector;
    if (startAddress.length !== address || endAddress.length !== address) {
      throw new WireError("CYG_WIRE_RANGE", "selector address", w.offset);
    }
    w.u16(selector.startPort, "start port").u16(selector.endPort, "end port");
    w.copy(startAddress, "start address").copy(endAddress, "end address");
  }
  w.patchU16(start + 2, w.offset - start, "selector length");
}

function decode<T extends PayloadType.TSi | PayloadType.TSr>(r: Reader, type: T): TsPayload<T> {
  const count = r.u8("number of traffic selectors");
  r.skip(3, "reserved");
  const selectors: WireTrafficSelector[] = [];
  for (let i = 0; i < count; i++) selectors.push(decodeSelector(r));
  return { type, selectors };
}

function encode(w: Writer, { selectors }: TsPayload): void {
  w.u8(selectors.length, "number of traffic selectors").zeros(3);
  for (let i = 0; i < selectors.length; i++) encodeSelector(w, selectors[i]);
}

/** Codec of the initiator's Traffic Selector payload. */
export const tsInitiatorPayload: PayloadCodec<TsInitiatorPayload> = {
  type: PayloadType.TSi,
  decode(r) {
    return decode(r, PayloadType.TSi);
  },
  encode,
};

/** Codec of the responder's Traffic Selector payload. */
export const tsResponderPayload: PayloadCodec<TsResponderPayload> = {
  type: PayloadType.TSr,
  decode(r) {
    return decode(r, PayloadType.TSr);
  },
  encode,
};
