import type { Payload, Proposal, Transform, WireTrafficSelector } from "@cygnet/wire";
import { makeIdPayload, payloadCodec, PayloadType, ProtocolId } from "@cygnet/wire";
import fc from "fast-check";

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);

function octets(minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength });
}

const attribute = fc.record({
  type: fc.nat(0x7fff).filter((type) => type !== 14),
  value: fc.oneof(u16, octets(0, 12)),
});

const transform: fc.Arbitrary<Transform> = fc.record({
  type: u8,
  id: u16,
  keyBits: fc.option(u16, { nil: undefined }),
  attributes: fc.option(fc.array(attribute, { minLength: 1, maxLength: 3 }), { nil: undefined }),
});

const protocolAndSpi = fc.oneof(
  fc.record({ protocol: fc.constant(ProtocolId.IKE), spi: fc.oneof(octets(0, 0), octets(8, 8)) }),
  fc.record({ protocol: fc.constantFrom(ProtocolId.AH, ProtocolId.ESP), spi: octets(4, 4) }),
  fc.record({ protocol: fc.integer({ min: 5, max: 255 }), spi: octets(0, 12) }),
);

const proposals: fc.Arbitrary<Proposal[]> = fc
  .array(fc.tuple(protocolAndSpi, fc.array(transform, { minLength: 1, maxLength: 6 })), { minLength: 1, maxLength: 5 })
  .map((list) => list.map(([{ protocol, spi }, transforms], i) => ({ number: i + 1, protocol, spi, transforms })));

function selectorOf(tsType: number, bytes: number): fc.Arbitrary<WireTrafficSelector> {
  return fc.record({
    tsType: fc.constant(tsType),
    protocol: u8,
    startPort: u16,
    endPort: u16,
    startAddress: octets(bytes, bytes),
    endAddress: octets(bytes, bytes),
    body: fc.constant(undefined),
  });
}

const selector = fc.oneof(
  selectorOf(7, 4),
  selectorOf(8, 16),
  // TS_SECLABEL, and types that nobody knows.
  fc.record({
    tsType: fc.oneof(fc.constant(10), fc.integer({ min: 9, max: 255 })),
    protocol: u8,
    startPort: fc.constant(0),
    endPort: fc.constant(0),
    startAddress: octets(0, 0),
    endAddress: octets(0, 0),
    body: octets(0, 20),
  }),
);
const selectors = fc.array(selector, { maxLength: 6 });

const spis = fc.oneof(
  fc.record({ protocol: fc.constant(ProtocolId.IKE), spis: fc.constant([]) }),
  fc.record({ protocol: fc.constantFrom(ProtocolId.AH, ProtocolId.ESP), spis: fc.array(octets(4, 4), { maxLength: 8 }) }),
);

/** Types whose data has no length rule. */
const notifyType = u16.filter((type) => type !== 17 && (type < 16_384 || type > 16_440));

/** Any payload that can be on the wire, of any kind. */
export const anyPayload: fc.Arbitrary<Payload> = fc.oneof<fc.Arbitrary<Payload>[]>(
  proposals.map((list) => ({ type: PayloadType.SA, proposals: list })),
  fc.record({ type: fc.constant<PayloadType.KE>(PayloadType.KE), method: u16, data: octets(1, 64) }),
  fc
    .tuple(
      u8.filter((type) => type !== 1 && type !== 5),
      octets(0, 40),
    )
    .map(([idType, data]) => makeIdPayload(PayloadType.IDi, idType, data)),
  octets(16, 16).map((address) => makeIdPayload(PayloadType.IDr, 5, address)),
  fc.record({ type: fc.constant<PayloadType.CERT>(PayloadType.CERT), encoding: u8, data: octets(1, 80) }),
  fc.record({
    type: fc.constant<PayloadType.CERTREQ>(PayloadType.CERTREQ),
    encoding: u8.filter((encoding) => encoding !== 4),
    data: octets(0, 40),
  }),
  fc.record({ type: fc.constant<PayloadType.AUTH>(PayloadType.AUTH), method: u8, data: octets(1, 64) }),
  fc.record({ type: fc.constant<PayloadType.NONCE>(PayloadType.NONCE), data: octets(16, 256) }),
  fc
    .tuple(
      protocolAndSpi.filter(({ protocol, spi }) => protocol !== ProtocolId.IKE || spi.length !== 4),
      notifyType,
      octets(0, 40),
    )
    .map(([{ protocol, spi }, type, data]) => ({ type: PayloadType.NOTIFY, protocol, spi, notifyType: type, data })),
  spis.map((value) => ({ type: PayloadType.DELETE, ...value })),
  fc.record({ type: fc.constant<PayloadType.VENDOR_ID>(PayloadType.VENDOR_ID), data: octets(0, 40) }),
  selectors.map((list) => ({ type: PayloadType.TSi, selectors: list })),
  selectors.map((list) => ({ type: PayloadType.TSr, selectors: list })),
  fc.record({
    type: fc.constant<PayloadType.CP>(PayloadType.CP),
    cfgType: u8,
    attributes: fc.array(fc.record({ type: fc.integer({ min: 100, max: 0x7fff }), value: octets(0, 20) }), { maxLength: 8 }),
  }),
  fc.record({
    type: fc.constant<PayloadType.EAP>(PayloadType.EAP),
    code: fc.constantFrom(1, 2),
    identifier: u8,
    method: u8,
    data: octets(0, 40),
  }),
  fc.record({
    type: fc.constant<PayloadType.EAP>(PayloadType.EAP),
    code: fc.constantFrom(3, 4),
    identifier: u8,
    method: fc.constant(0),
    data: octets(0, 0),
  }),
  fc.record({
    type: fc.constant<PayloadType.UNKNOWN>(PayloadType.UNKNOWN),
    payloadType: fc
      .integer({ min: 1, max: 255 })
      .filter((type) => payloadCodec(type) === undefined && type !== PayloadType.SK && type !== PayloadType.SKF),
    critical: fc.boolean(),
    body: octets(0, 40),
  }),
);
