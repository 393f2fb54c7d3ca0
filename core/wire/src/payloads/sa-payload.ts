import { PayloadType } from "../constants/payload-type.js";
import { ProtocolId } from "../constants/protocol-id.js";
import { TransformAttributeType } from "../constants/transform-type.js";
import { MAX_PROPOSALS, MAX_TRANSFORM_ATTRIBUTES, MAX_TRANSFORMS } from "../limits.js";
import type { Reader } from "../reader.js";
import { WireError } from "../wire-error.js";
import type { Writer } from "../writer.js";
import type { PayloadCodec } from "./payload-codec.js";

/** A transform attribute other than the key length. A number is the short (TV) form, octets are the long (TLV) form. */
export interface TransformAttribute {
  /** 0 to 32767. */
  readonly type: number;
  readonly value: number | Uint8Array;
}

/**
 * Transform substructure, RFC 7296 section 3.3.2.
 *
 *   0     3 if another transform follows, else 0
 *   1     reserved
 *   2..3  length
 *   4     transform type
 *   5     reserved
 *   6..7  transform id
 *   8..   attributes
 */
export interface Transform {
  /** A `TransformType`. */
  readonly type: number;
  /** An id in the number space of `type`, 0 to 65535. */
  readonly id: number;
  /** The Key Length attribute in bits; undefined where there is none. */
  readonly keyBits?: number | undefined;
  /** All other attributes. A transform with one that is not understood must not be chosen (section 3.3.6). */
  readonly attributes?: readonly TransformAttribute[] | undefined;
}

/**
 * Proposal substructure, RFC 7296 section 3.3.1.
 *
 *   0     2 if another proposal follows, else 0
 *   1     reserved
 *   2..3  length
 *   4     proposal number
 *   5     protocol
 *   6     octets of the SPI
 *   7     number of transforms
 *   8..   SPI, then the transforms
 */
export interface Proposal {
  /** 1 to 255; rises from proposal to proposal. */
  readonly number: number;
  /** A `ProtocolId`. */
  readonly protocol: number;
  /** Empty or 8 octets for IKE, 4 for AH and ESP. */
  readonly spi: Uint8Array;
  /** At least one. */
  readonly transforms: readonly Transform[];
}

/** Security Association payload, RFC 7296 section 3.3: one or more proposals. */
export interface SaPayload {
  readonly type: PayloadType.SA;
  readonly proposals: readonly Proposal[];
}

const PROPOSAL_BYTES = 8;
const TRANSFORM_BYTES = 8;
const MORE_PROPOSALS = 2;
const MORE_TRANSFORMS = 3;
const SHORT_FORM = 0x8000;

function isSpiSizeValid(protocol: number, size: number): boolean {
  switch (protocol) {
    case ProtocolId.NONE:
      return false;
    case ProtocolId.IKE:
      return size === 0 || size === 8;
    case ProtocolId.AH:
    case ProtocolId.ESP:
      return size === 4;
    case ProtocolId.IPCOMP:
      return size === 2 || size === 4;
    default:
      return true;
  }
}

function decodeTransform(r: Reader, isLast: boolean): Transform {
  const start = r.offset;
  const more = r.u8("last transform");
  if (more !== (isLast ? 0 : MORE_TRANSFORMS)) {
    r.fail(more === 0 || more === MORE_TRANSFORMS ? "CYG_WIRE_COUNT" : "CYG_WIRE_VALUE", "last transform", 1);
  }
  r.skip(1, "reserved");
  const outer = r.enter(start, r.u16("transform length"), TRANSFORM_BYTES, "transform");
  const type = r.u8("transform type");
  r.skip(1, "reserved");
  const id = r.u16("transform id");
  let keyBits: number | undefined = undefined;
  let attributes: TransformAttribute[] | undefined = undefined;
  let count = 0;
  while (r.offset < r.end) {
    if (++count > MAX_TRANSFORM_ATTRIBUTES) r.fail("CYG_WIRE_LIMIT", "transform attributes");
    const head = r.u16("attribute type");
    const attribute = head & 0x7fff;
    if (attribute === TransformAttributeType.KEY_LENGTH) {
      if (head < SHORT_FORM || keyBits !== undefined) r.fail("CYG_WIRE_VALUE", "key length attribute", 2);
      keyBits = r.u16("key length");
      continue;
    }
    const value = r.u16("attribute value");
    attributes ??= [];
    attributes.push({ type: attribute, value: head >= SHORT_FORM ? value : r.take(value, "attribute value") });
  }
  r.leave(outer, "transform");
  return { type, id, keyBits, attributes };
}

function encodeTransform(w: Writer, transform: Transform, isLast: boolean): void {
  const start = w.offset;
  w.u8(isLast ? 0 : MORE_TRANSFORMS).zeros(3);
  w.u8(transform.type, "transform type").zeros(1).u16(transform.id, "transform id");
  if (transform.keyBits !== undefined) {
    w.u16(SHORT_FORM | TransformAttributeType.KEY_LENGTH).u16(transform.keyBits, "key length");
  }
  const attributes = transform.attributes;
  if (attributes !== undefined) {
    for (let i = 0; i < attributes.length; i++) {
      const { type, value } = attributes[i];
      if (type >>> 15 !== 0) throw new WireError("CYG_WIRE_RANGE", "attribute type", w.offset);
      if (typeof value === "number") w.u16(SHORT_FORM | type).u16(value, "attribute value");
      else w.u16(type).u16(value.length, "attribute length").copy(value, "attribute value");
    }
  }
  w.patchU16(start + 2, w.offset - start, "transform length");
}

/** Codec of the SA payload. */
export const saPayload: PayloadCodec<SaPayload> = {
  type: PayloadType.SA,
  decode(r) {
    const proposals: Proposal[] = [];
    let previous = 0;
    let total = 0;
    let more = MORE_PROPOSALS;
    while (more === MORE_PROPOSALS) {
      if (proposals.length === MAX_PROPOSALS) r.fail("CYG_WIRE_LIMIT", "proposals");
      const start = r.offset;
      more = r.u8("last proposal");
      if (more !== 0 && more !== MORE_PROPOSALS) r.fail("CYG_WIRE_VALUE", "last proposal", 1);
      r.skip(1, "reserved");
      const outer = r.enter(start, r.u16("proposal length"), PROPOSAL_BYTES, "proposal");
      const number = r.u8("proposal number");
      if (number <= previous) r.fail("CYG_WIRE_VALUE", "proposal number", 1);
      previous = number;
      const protocol = r.u8("protocol");
      const spiSize = r.u8("SPI size");
      if (!isSpiSizeValid(protocol, spiSize)) r.fail("CYG_WIRE_LENGTH", "SPI size", 1);
      const count = r.u8("number of transforms");
      if (count === 0) r.fail("CYG_WIRE_COUNT", "number of transforms", 1);
      total += count;
      if (total > MAX_TRANSFORMS) r.fail("CYG_WIRE_LIMIT", "number of transforms", 1);
      const spi = r.take(spiSize, "SPI");
      const transforms: Transform[] = [];
      for (let i = 1; i <= count; i++) transforms.push(decodeTransform(r, i === count));
      r.leave(outer, "proposal");
      proposals.push({ number, protocol, spi, transforms });
    }
    return { type: PayloadType.SA, proposals };
  },
  encode(w, { proposals }) {
    if (proposals.length === 0) throw new WireError("CYG_WIRE_RANGE", "proposals", w.offset);
    for (let i = 0; i < proposals.length; i++) {
      const { number, protocol, spi, transforms } = proposals[i];
      const start = w.offset;
      w.u8(i === proposals.length - 1 ? 0 : MORE_PROPOSALS).zeros(3);
      w.u8(number, "proposal number").u8(protocol, "protocol").u8(spi.length, "SPI size");
      w.u8(transforms.length, "number of transforms").copy(spi, "SPI");
      for (let j = 0; j < transforms.length; j++) encodeTransform(w, transforms[j], j === transforms.length - 1);
      w.patchU16(start + 2, w.offset - start, "proposal length");
    }
  },
};
