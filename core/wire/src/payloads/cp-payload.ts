import { ConfigAttributeType } from "../constants/config.js";
import { PayloadType } from "../constants/payload-type.js";
import { MAX_CONFIG_ATTRIBUTES } from "../limits.js";
import { WireError } from "../wire-error.js";
import type { PayloadCodec } from "./payload-codec.js";

/**
 * Configuration attribute, RFC 7296 section 3.15.1.
 *
 *   0..1  reserved bit, type (15 bits)
 *   2..3  octets of the value
 *   4..   value
 */
export interface ConfigAttribute {
  /** A `ConfigAttributeType`. */
  readonly type: number;
  /** Empty in requests for any value. */
  readonly value: Uint8Array;
}

/**
 * Configuration payload, RFC 7296 section 3.15.
 *
 *   0     CFG type
 *   1..3  reserved
 *   4..   attributes
 */
export interface CpPayload {
  readonly type: PayloadType.CP;
  /** A `ConfigType`. */
  readonly cfgType: number;
  readonly attributes: readonly ConfigAttribute[];
}

/**
 * Octets of a value that is not empty, for the attributes whose format fixes them. An IPv6 address comes with a prefix length,
 * 17 octets; clients that send the 16 of the address alone are common enough to be let in.
 */
function isValueLengthValid(type: number, length: number): boolean {
  if (length === 0) return true;
  switch (type) {
    case ConfigAttributeType.INTERNAL_IP4_ADDRESS:
    case ConfigAttributeType.INTERNAL_IP4_NETMASK:
    case ConfigAttributeType.INTERNAL_IP4_DNS:
    case ConfigAttributeType.INTERNAL_IP4_NBNS:
    case ConfigAttributeType.INTERNAL_IP4_DHCP:
    case ConfigAttributeType.P_CSCF_IP4_ADDRESS:
      return length === 4;
    case ConfigAttributeType.INTERNAL_IP4_SUBNET:
      return length === 8;
    case ConfigAttributeType.INTERNAL_IP6_ADDRESS:
      return length === 16 || length === 17;
    case ConfigAttributeType.INTERNAL_IP6_SUBNET:
      return length === 17;
    case ConfigAttributeType.INTERNAL_IP6_DNS:
    case ConfigAttributeType.INTERNAL_IP6_NBNS:
    case ConfigAttributeType.INTERNAL_IP6_DHCP:
    case ConfigAttributeType.P_CSCF_IP6_ADDRESS:
      return length === 16;
    case ConfigAttributeType.SUPPORTED_ATTRIBUTES:
      return length % 2 === 0;
    default:
      return true;
  }
}

/** Codec of the Configuration payload. */
export const cpPayload: PayloadCodec<CpPayload> = {
  type: PayloadType.CP,
  decode(r) {
    const cfgType = r.u8("CFG type");
    r.skip(3, "reserved");
    const attributes: ConfigAttribute[] = [];
    while (r.offset < r.end) {
      if (attributes.length === MAX_CONFIG_ATTRIBUTES) r.fail("CYG_WIRE_LIMIT", "configuration attributes");
      const type = r.u16("attribute type") & 0x7fff;
      const length = r.u16("attribute length");
      if (!isValueLengthValid(type, length)) r.fail("CYG_WIRE_LENGTH", "attribute length", 2);
      attributes.push({ type, value: r.take(length, "attribute value") });
    }
    return { type: PayloadType.CP, cfgType, attributes };
  },
  encode(w, { cfgType, attributes }) {
    w.u8(cfgType, "CFG type").zeros(3);
    for (let i = 0; i < attributes.length; i++) {
      const { type, value } = attributes[i];
      if (type >>> 15 !== 0) throw new WireError("CYG_WIRE_RANGE", "attribute type", w.offset);
      w.u16(type, "attribute type").u16(value.length, "attribute length").copy(value, "attribute value");
    }
  },
};
