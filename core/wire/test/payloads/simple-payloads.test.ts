import { describePayload } from "@cygnet/test/conformance/payload";
import { authPayload, certPayload, certReqPayload, kePayload, noncePayload, PayloadType, vendorIdPayload } from "@cygnet/wire";

describePayload("KE payload", kePayload, {
  vectors: [
    {
      name: "curve25519, shortened",
      hex: "001f0000aabb",
      value: { type: PayloadType.KE, method: 31, data: Uint8Array.of(0xaa, 0xbb) },
    },
    {
      name: "reserved octets that are not zero",
      hex: "0013ffff01",
      canonicalHex: "0013000001",
      value: { type: PayloadType.KE, method: 19, data: Uint8Array.of(1) },
    },
  ],
  rejects: [
    { name: "an empty public value", hex: "001f0000", code: "CYG_WIRE_EMPTY_FIELD", field: "key exchange data" },
    { name: "a cut header", hex: "001f00", code: "CYG_WIRE_TRUNCATED", field: "reserved" },
  ],
});

describePayload("CERT payload", certPayload, {
  vectors: [
    {
      name: "an X.509 certificate, shortened",
      hex: "043082",
      value: { type: PayloadType.CERT, encoding: 4, data: Uint8Array.of(0x30, 0x82) },
    },
  ],
  rejects: [
    { name: "an empty certificate", hex: "04", code: "CYG_WIRE_EMPTY_FIELD" },
    { name: "an empty body", hex: "", code: "CYG_WIRE_TRUNCATED", field: "certificate encoding" },
  ],
});

describePayload("CERTREQ payload", certReqPayload, {
  vectors: [
    {
      name: "one captured authority",
      hex: "049c50e605ac3745434cecf22a087821eeab739634",
      value: {
        type: PayloadType.CERTREQ,
        encoding: 4,
        data: Uint8Array.from(Buffer.from("9c50e605ac3745434cecf22a087821eeab739634", "hex")),
      },
    },
    { name: "any authority", hex: "04", value: { type: PayloadType.CERTREQ, encoding: 4, data: new Uint8Array(0) } },
    { name: "another encoding", hex: "0b01", value: { type: PayloadType.CERTREQ, encoding: 11, data: Uint8Array.of(1) } },
  ],
  rejects: [
    { name: "a part of a hash", hex: "049c50", code: "CYG_WIRE_LENGTH", field: "certification authority" },
    { name: "an empty body", hex: "", code: "CYG_WIRE_TRUNCATED" },
  ],
});

describePayload("AUTH payload", authPayload, {
  vectors: [
    {
      name: "a pre-shared key MAC, shortened",
      hex: "02000000ddb17575",
      value: { type: PayloadType.AUTH, method: 2, data: Uint8Array.of(0xdd, 0xb1, 0x75, 0x75) },
    },
  ],
  rejects: [
    { name: "no authentication data", hex: "02000000", code: "CYG_WIRE_EMPTY_FIELD", field: "authentication data" },
    { name: "a cut header", hex: "020000", code: "CYG_WIRE_TRUNCATED" },
  ],
});

describePayload("Nonce payload", noncePayload, {
  vectors: [
    {
      name: "the shortest nonce",
      hex: "11".repeat(16),
      value: { type: PayloadType.NONCE, data: new Uint8Array(16).fill(0x11) },
    },
    {
      name: "the longest nonce",
      hex: "22".repeat(256),
      value: { type: PayloadType.NONCE, data: new Uint8Array(256).fill(0x22) },
    },
  ],
  rejects: [
    { name: "15 octets", hex: "11".repeat(15), code: "CYG_WIRE_LENGTH", field: "nonce" },
    { name: "257 octets", hex: "22".repeat(257), code: "CYG_WIRE_LENGTH", field: "nonce" },
  ],
});

describePayload("Vendor ID payload", vendorIdPayload, {
  vectors: [
    { name: "some octets", hex: "882fe56d", value: { type: PayloadType.VENDOR_ID, data: Uint8Array.of(0x88, 0x2f, 0xe5, 0x6d) } },
    { name: "none", hex: "", value: { type: PayloadType.VENDOR_ID, data: new Uint8Array(0) } },
  ],
  rejects: [],
});
