import { describePayload, fromHex, toHex } from "@cygnet/test/conformance/payload";
import { decodeBody, idBody, idInitiatorPayload, idResponderPayload, IdType, makeIdPayload, PayloadType } from "@cygnet/wire";
import { describe, expect, it } from "vitest";

describePayload("IDi payload", idInitiatorPayload, {
  vectors: [
    {
      name: "a host name",
      hex: "02000000 6d6f6f6e",
      value: {
        type: PayloadType.IDi,
        idType: IdType.ID_FQDN,
        data: new TextEncoder().encode("moon"),
        body: fromHex("020000006d6f6f6e"),
      },
    },
    {
      name: "reserved octets that are not zero, which the body keeps",
      hex: "02010203 61",
      canonicalHex: "02000000 61",
      value: { type: PayloadType.IDi, idType: IdType.ID_FQDN, data: Uint8Array.of(0x61), body: fromHex("0201020361") },
    },
  ],
  rejects: [
    { name: "a cut header", hex: "020000", code: "CYG_WIRE_TRUNCATED", field: "reserved" },
    { name: "an IPv4 address of 5 octets", hex: "010000000a00000101", code: "CYG_WIRE_LENGTH", field: "identification data" },
    { name: "an IPv6 address of 4 octets", hex: "050000000a000001", code: "CYG_WIRE_LENGTH", field: "identification data" },
  ],
});

describePayload("IDr payload", idResponderPayload, {
  vectors: [
    {
      name: "an IPv4 address",
      hex: "01000000 0a000001",
      value: {
        type: PayloadType.IDr,
        idType: IdType.ID_IPV4_ADDR,
        data: Uint8Array.of(10, 0, 0, 1),
        body: fromHex("010000000a000001"),
      },
    },
    {
      name: "an IPv6 address",
      hex: `05000000 ${"fd".repeat(16)}`,
      value: {
        type: PayloadType.IDr,
        idType: IdType.ID_IPV6_ADDR,
        data: new Uint8Array(16).fill(0xfd),
        body: fromHex(`05000000${"fd".repeat(16)}`),
      },
    },
  ],
  rejects: [{ name: "an empty body", hex: "", code: "CYG_WIRE_TRUNCATED", field: "identification type" }],
});

describe("the octets that AUTH covers", () => {
  it("are those received, reserved octets included", () => {
    expect(toHex(idBody(decodeBody(idInitiatorPayload, fromHex("02aabbcc6d"))))).toBe("02aabbcc6d");
  });

  it("are those that will be sent, for a made payload and for a literal", () => {
    const data = Uint8Array.of(0x6d);
    expect(toHex(idBody(makeIdPayload(PayloadType.IDi, IdType.ID_FQDN, data)))).toBe("020000006d");
    expect(toHex(idBody({ type: PayloadType.IDi, idType: IdType.ID_FQDN, data }))).toBe("020000006d");
  });

  it("do not change with the caller's buffer", () => {
    const data = Uint8Array.of(0x6d);
    const payload = makeIdPayload(PayloadType.IDr, IdType.ID_KEY_ID, data);
    data[0] = 0;
    expect(toHex(payload.data)).toBe("6d");
  });
});
