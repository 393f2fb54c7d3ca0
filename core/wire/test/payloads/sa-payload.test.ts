import { describePayload } from "@cygnet/test/conformance/payload";
import { ProtocolId, PayloadType, saPayload } from "@cygnet/wire";
import { CAPTURES } from "../vectors.js";

const EMPTY = new Uint8Array(0);

describePayload("SA payload", saPayload, {
  vectors: [
    {
      name: "the captured offer aes128-sha1-modp1024",
      hex: CAPTURES[0].packets[0].payloads[0].body ?? "",
      value: {
        type: PayloadType.SA,
        proposals: [
          {
            number: 1,
            protocol: ProtocolId.IKE,
            spi: EMPTY,
            transforms: [
              { type: 1, id: 12, keyBits: 128 },
              { type: 3, id: 2 },
              { type: 2, id: 2 },
              { type: 4, id: 2 },
            ],
          },
        ],
      },
    },
    {
      name: "two proposals of which the second has an 8-octet SPI",
      hex: "0200001401030401 aabbccdd 0000000805000001 0000001802010801 0102030405060708 0000000804000013",
      value: {
        type: PayloadType.SA,
        proposals: [
          { number: 1, protocol: ProtocolId.ESP, spi: Uint8Array.of(0xaa, 0xbb, 0xcc, 0xdd), transforms: [{ type: 5, id: 1 }] },
          { number: 2, protocol: ProtocolId.IKE, spi: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), transforms: [{ type: 4, id: 19 }] },
        ],
      },
    },
    {
      name: "unknown attributes in short and long form behind the key length",
      hex: "0000002501010001 0000001d 0100000c 800e0100 80090007 00630005 0102030405 00640000",
      value: {
        type: PayloadType.SA,
        proposals: [
          {
            number: 1,
            protocol: ProtocolId.IKE,
            spi: EMPTY,
            transforms: [
              {
                type: 1,
                id: 12,
                keyBits: 256,
                attributes: [
                  { type: 9, value: 7 },
                  { type: 99, value: Uint8Array.of(1, 2, 3, 4, 5) },
                  { type: 100, value: EMPTY },
                ],
              },
            ],
          },
        ],
      },
    },
    {
      name: "an answer that keeps the number of the chosen proposal",
      hex: "0000001005010001 00ff0008040000ff".replace("00ff0008040000ff", "0000000804ff0002"),
      canonicalHex: "0000001005010001 0000000804000002",
      value: {
        type: PayloadType.SA,
        proposals: [{ number: 5, protocol: ProtocolId.IKE, spi: EMPTY, transforms: [{ type: 4, id: 2 }] }],
      },
    },
  ],
  rejects: [
    { name: "no proposal", hex: "", code: "CYG_WIRE_TRUNCATED", field: "last proposal" },
    { name: "a proposal without transforms", hex: "0000000801010000", code: "CYG_WIRE_COUNT", field: "number of transforms" },
    {
      name: "a marker that announces a proposal which is not there",
      hex: "0200001001010001 0000000804000002",
      code: "CYG_WIRE_TRUNCATED",
      field: "last proposal",
    },
    {
      name: "a proposal behind the last one",
      hex: "0000001001010001 0000000804000002 0000001002010001 0000000804000002",
      code: "CYG_WIRE_TRAILING",
    },
    { name: "an unknown proposal marker", hex: "0100001001010001 0000000804000002", code: "CYG_WIRE_VALUE" },
    { name: "an unknown transform marker", hex: "0000001001010001 0100000804000002", code: "CYG_WIRE_VALUE" },
    {
      name: "fewer transforms than counted",
      hex: "0000001001010002 0000000804000002",
      code: "CYG_WIRE_COUNT",
      field: "last transform",
    },
    {
      name: "more transforms than counted",
      hex: "0000001801010001 0300000804000002 0000000804000005",
      code: "CYG_WIRE_COUNT",
      field: "last transform",
    },
    {
      name: "more transforms than counted and marked",
      hex: "0000001801010001 0000000804000002 0000000804000005",
      code: "CYG_WIRE_TRAILING",
      field: "proposal",
    },
    { name: "a 4-octet IKE SPI", hex: "0000001401010401 aabbccdd 0000000804000002", code: "CYG_WIRE_LENGTH", field: "SPI size" },
    { name: "an ESP proposal without an SPI", hex: "0000001001030001 0000000805000000", code: "CYG_WIRE_LENGTH" },
    { name: "proposal number zero", hex: "0000001000010001 0000000804000002", code: "CYG_WIRE_VALUE", field: "proposal number" },
    {
      name: "a proposal number that repeats",
      hex: "0200001001010001 0000000804000002 0000001001010001 0000000804000002",
      code: "CYG_WIRE_VALUE",
      field: "proposal number",
    },
    { name: "a proposal shorter than its header", hex: "0000000701010001 0000000804000002", code: "CYG_WIRE_LENGTH" },
    { name: "a transform shorter than its header", hex: "0000001001010001 0000000704000002", code: "CYG_WIRE_LENGTH" },
    { name: "a transform longer than its proposal", hex: "0000001001010001 0000000904000002 00", code: "CYG_WIRE_TRUNCATED" },
    {
      name: "a second key length",
      hex: "0000001801010001 000000100100000c 800e0080 800e0100",
      code: "CYG_WIRE_VALUE",
      field: "key length attribute",
    },
    {
      name: "a key length in long form",
      hex: "0000001601010001 0000000e0100000c 000e0002 0080",
      code: "CYG_WIRE_VALUE",
      field: "key length attribute",
    },
    {
      name: "an attribute longer than its transform",
      hex: "0000001401010001 0000000c0100000c 00630001",
      code: "CYG_WIRE_TRUNCATED",
      field: "attribute value",
    },
    {
      name: "more attributes than a transform may have",
      hex: `0000003401010001 0000002c0100000c ${"80090001".repeat(9)}`,
      code: "CYG_WIRE_LIMIT",
      field: "transform attributes",
    },
  ],
});
