import { describePayload } from "@cygnet/test/conformance/payload";
import { isErrorNotify, makeNotifyPayload, notifyPayload, NotifyType, PayloadType, ProtocolId } from "@cygnet/wire";
import { expect, it } from "vitest";

const EMPTY = new Uint8Array(0);

describePayload("Notify payload", notifyPayload, {
  vectors: [
    {
      name: "the captured rekey notify",
      hex: "03044009 2fca3639",
      value: {
        type: PayloadType.NOTIFY,
        protocol: ProtocolId.ESP,
        spi: Uint8Array.of(0x2f, 0xca, 0x36, 0x39),
        notifyType: NotifyType.REKEY_SA,
        data: EMPTY,
      },
    },
    {
      name: "a notify of an unknown type with data",
      hex: "00009c40 0102",
      value: makeNotifyPayload(40_000, Uint8Array.of(1, 2)),
    },
    {
      name: "the group wanted instead",
      hex: "00000011 0013",
      value: makeNotifyPayload(NotifyType.INVALID_KE_PAYLOAD, Uint8Array.of(0, 19)),
    },
    {
      name: "a protocol without an SPI",
      hex: "0100000e",
      value: { type: PayloadType.NOTIFY, protocol: ProtocolId.IKE, spi: EMPTY, notifyType: 14, data: EMPTY },
    },
    {
      name: "the 8-octet SPI of an IKE_SA, as RFC 4306 peers send it",
      hex: "01084000 0102030405060708",
      value: {
        type: PayloadType.NOTIFY,
        protocol: ProtocolId.IKE,
        spi: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
        notifyType: NotifyType.INITIAL_CONTACT,
        data: EMPTY,
      },
    },
  ],
  rejects: [
    { name: "an SPI that runs past the end", hex: "030440092fca", code: "CYG_WIRE_TRUNCATED", field: "SPI" },
    { name: "an SPI of no protocol", hex: "000440092fca3639", code: "CYG_WIRE_LENGTH", field: "SPI size" },
    { name: "an ESP SPI of 2 octets", hex: "030240092fca", code: "CYG_WIRE_LENGTH", field: "SPI size" },
    { name: "a cut header", hex: "0000", code: "CYG_WIRE_TRUNCATED", field: "notify message type" },
    { name: "a NAT detection hash of 19 octets", hex: `00004004${"00".repeat(19)}`, code: "CYG_WIRE_LENGTH" },
    { name: "an empty cookie", hex: "00004006", code: "CYG_WIRE_LENGTH", field: "notification data" },
    { name: "a cookie of 65 octets", hex: `00004006${"00".repeat(65)}`, code: "CYG_WIRE_LENGTH" },
    { name: "half a hash algorithm", hex: "0000402f000200", code: "CYG_WIRE_LENGTH" },
    { name: "a wanted group of one octet", hex: "0000001113", code: "CYG_WIRE_LENGTH" },
  ],
});

it("tells errors from status by the number", () => {
  expect(isErrorNotify(NotifyType.TS_UNACCEPTABLE)).toBe(true);
  expect(isErrorNotify(16_383)).toBe(true);
  expect(isErrorNotify(NotifyType.INITIAL_CONTACT)).toBe(false);
});
