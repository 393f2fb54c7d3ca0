import { describePayload } from "@cygnet/test/conformance/payload";
import {
  ConfigAttributeType,
  ConfigType,
  cpPayload,
  deletePayload,
  EapCode,
  eapPayload,
  EapType,
  PayloadType,
  ProtocolId,
  TrafficSelectorType,
  tsInitiatorPayload,
  tsResponderPayload,
} from "@cygnet/wire";

const EMPTY = new Uint8Array(0);

describePayload("Delete payload", deletePayload, {
  vectors: [
    { name: "the IKE_SA", hex: "01000000", value: { type: PayloadType.DELETE, protocol: ProtocolId.IKE, spis: [] } },
    {
      name: "two CHILD_SAs",
      hex: "03040002 2fca3639 63629778",
      value: {
        type: PayloadType.DELETE,
        protocol: ProtocolId.ESP,
        spis: [Uint8Array.of(0x2f, 0xca, 0x36, 0x39), Uint8Array.of(0x63, 0x62, 0x97, 0x78)],
      },
    },
    { name: "no CHILD_SA", hex: "03040000", value: { type: PayloadType.DELETE, protocol: ProtocolId.ESP, spis: [] } },
  ],
  rejects: [
    { name: "an IKE_SA with an SPI", hex: "0108000101020304 05060708", code: "CYG_WIRE_LENGTH", field: "SPI size" },
    { name: "a count of empty SPIs", hex: "0100ffff", code: "CYG_WIRE_COUNT", field: "number of SPIs" },
    { name: "a count of empty SPIs of an unknown protocol", hex: "0900ffff", code: "CYG_WIRE_COUNT", field: "number of SPIs" },
    { name: "ESP SPIs of 8 octets", hex: "030800010102030405060708", code: "CYG_WIRE_LENGTH", field: "SPI size" },
    { name: "fewer SPIs than counted", hex: "03040002 2fca3639", code: "CYG_WIRE_COUNT" },
    { name: "more SPIs than counted", hex: "03040001 2fca3639 63629778", code: "CYG_WIRE_COUNT" },
    { name: "no protocol", hex: "00000000", code: "CYG_WIRE_VALUE", field: "protocol" },
    { name: "more SPIs than the limit", hex: `03040401${"00000001".repeat(1025)}`, code: "CYG_WIRE_LIMIT" },
  ],
});

describePayload("TSi payload", tsInitiatorPayload, {
  vectors: [
    {
      name: "the captured selector",
      hex: "01000000 07000010 0000ffff 0a010000 0a0100ff",
      value: {
        type: PayloadType.TSi,
        selectors: [
          {
            tsType: TrafficSelectorType.TS_IPV4_ADDR_RANGE,
            protocol: 0,
            startPort: 0,
            endPort: 65_535,
            startAddress: Uint8Array.of(10, 1, 0, 0),
            endAddress: Uint8Array.of(10, 1, 0, 255),
          },
        ],
      },
    },
    { name: "none, as strongSwan sends", hex: "00000000", value: { type: PayloadType.TSi, selectors: [] } },
    {
      name: "an IPv6 range with opaque ports, and a label",
      hex: `02000000 08110028 ffff0000 ${"00".repeat(16)} ${"ff".repeat(16)} 0a000007 6c6162`,
      value: {
        type: PayloadType.TSi,
        selectors: [
          {
            tsType: TrafficSelectorType.TS_IPV6_ADDR_RANGE,
            protocol: 17,
            startPort: 65_535,
            endPort: 0,
            startAddress: new Uint8Array(16),
            endAddress: new Uint8Array(16).fill(255),
          },
          {
            tsType: TrafficSelectorType.TS_SECLABEL,
            protocol: 0,
            startPort: 0,
            endPort: 0,
            startAddress: EMPTY,
            endAddress: EMPTY,
            body: Uint8Array.of(0x6c, 0x61, 0x62),
          },
        ],
      },
    },
  ],
  rejects: [
    { name: "fewer selectors than counted", hex: "02000000 070000100000ffff0a0100000a0100ff", code: "CYG_WIRE_TRUNCATED" },
    {
      name: "more selectors than counted",
      hex: "01000000 070000100000ffff0a0100000a0100ff 070000100000ffff0a0100000a0100ff",
      code: "CYG_WIRE_TRAILING",
    },
    {
      name: "an IPv4 range as long as an IPv6 one",
      hex: `01000000 07000028 0000ffff ${"00".repeat(32)}`,
      code: "CYG_WIRE_LENGTH",
    },
    { name: "an IPv6 range as long as an IPv4 one", hex: "01000000 080000100000ffff0a0100000a0100ff", code: "CYG_WIRE_LENGTH" },
    { name: "a selector shorter than its header", hex: "01000000 f0000003", code: "CYG_WIRE_LENGTH", field: "traffic selector" },
    { name: "a selector longer than the payload", hex: "01000000 f0000005", code: "CYG_WIRE_TRUNCATED" },
  ],
});

describePayload("TSr payload", tsResponderPayload, {
  vectors: [
    {
      name: "a selector of one UDP port",
      hex: "01000000 07110010 11941194 0a020001 0a020001",
      value: {
        type: PayloadType.TSr,
        selectors: [
          {
            tsType: TrafficSelectorType.TS_IPV4_ADDR_RANGE,
            protocol: 17,
            startPort: 4500,
            endPort: 4500,
            startAddress: Uint8Array.of(10, 2, 0, 1),
            endAddress: Uint8Array.of(10, 2, 0, 1),
          },
        ],
      },
    },
  ],
  rejects: [{ name: "an empty body", hex: "", code: "CYG_WIRE_TRUNCATED" }],
});

describePayload("CP payload", cpPayload, {
  vectors: [
    {
      name: "a request for an address and a DNS server",
      hex: "01000000 00010000 00030000",
      value: {
        type: PayloadType.CP,
        cfgType: ConfigType.CFG_REQUEST,
        attributes: [
          { type: ConfigAttributeType.INTERNAL_IP4_ADDRESS, value: EMPTY },
          { type: ConfigAttributeType.INTERNAL_IP4_DNS, value: EMPTY },
        ],
      },
    },
    {
      name: "a reply whose reserved bit is set",
      hex: "02000000 80010004 0a030001",
      canonicalHex: "02000000 00010004 0a030001",
      value: {
        type: PayloadType.CP,
        cfgType: ConfigType.CFG_REPLY,
        attributes: [{ type: ConfigAttributeType.INTERNAL_IP4_ADDRESS, value: Uint8Array.of(10, 3, 0, 1) }],
      },
    },
    {
      name: "an IPv6 subnet and an attribute of an unknown type",
      hex: `03000000 000f0011 ${"fd".repeat(16)} 40 7fff0001 01`,
      value: {
        type: PayloadType.CP,
        cfgType: ConfigType.CFG_SET,
        attributes: [
          { type: ConfigAttributeType.INTERNAL_IP6_SUBNET, value: Uint8Array.of(...new Uint8Array(16).fill(0xfd), 64) },
          { type: 0x7fff, value: Uint8Array.of(1) },
        ],
      },
    },
    { name: "no attributes", hex: "04000000", value: { type: PayloadType.CP, cfgType: ConfigType.CFG_ACK, attributes: [] } },
  ],
  rejects: [
    { name: "an attribute that runs past the end", hex: "02000000 7fff0004 0a03", code: "CYG_WIRE_TRUNCATED" },
    { name: "half an attribute header", hex: "02000000 7fff", code: "CYG_WIRE_TRUNCATED", field: "attribute length" },
    { name: "an IPv4 address of 3 octets", hex: "02000000 00010003 0a0300", code: "CYG_WIRE_LENGTH", field: "attribute length" },
    { name: "an IPv6 address of 4 octets", hex: "02000000 00080004 0a030001", code: "CYG_WIRE_LENGTH" },
    { name: "an IPv4 subnet of 4 octets", hex: "02000000 000d0004 0a030000", code: "CYG_WIRE_LENGTH" },
    { name: "an IPv6 subnet of 16 octets", hex: `02000000 000f0010 ${"fd".repeat(16)}`, code: "CYG_WIRE_LENGTH" },
    { name: "an IPv6 DNS server of 17 octets", hex: `02000000 000a0011 ${"fd".repeat(17)}`, code: "CYG_WIRE_LENGTH" },
    { name: "an odd list of supported attributes", hex: "02000000 000e0003 000100", code: "CYG_WIRE_LENGTH" },
    { name: "more attributes than the limit", hex: `01000000${"00010000".repeat(513)}`, code: "CYG_WIRE_LIMIT" },
  ],
});

describePayload("EAP payload", eapPayload, {
  vectors: [
    {
      name: "an identity request",
      hex: "01070005 01",
      value: { type: PayloadType.EAP, code: EapCode.REQUEST, identifier: 7, method: EapType.IDENTITY, data: EMPTY },
    },
    {
      name: "a response with data",
      hex: "02080007 1a0203",
      value: {
        type: PayloadType.EAP,
        code: EapCode.RESPONSE,
        identifier: 8,
        method: EapType.MSCHAPV2,
        data: Uint8Array.of(2, 3),
      },
    },
    {
      name: "success",
      hex: "03090004",
      value: { type: PayloadType.EAP, code: EapCode.SUCCESS, identifier: 9, method: 0, data: EMPTY },
    },
  ],
  rejects: [
    { name: "a request without a method", hex: "01070004", code: "CYG_WIRE_TRUNCATED", field: "EAP type" },
    { name: "success with data", hex: "0309000501", code: "CYG_WIRE_TRAILING" },
    { name: "a length beyond the payload", hex: "0107000601", code: "CYG_WIRE_LENGTH", field: "EAP length" },
    { name: "a length short of the payload", hex: "010700050102", code: "CYG_WIRE_LENGTH", field: "EAP length" },
    { name: "code zero", hex: "0007000501", code: "CYG_WIRE_VALUE", field: "EAP code" },
    { name: "an unknown code", hex: "0507000501", code: "CYG_WIRE_VALUE", field: "EAP code" },
  ],
});
