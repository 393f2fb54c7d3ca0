import type { Message, WireErrorCode } from "@cygnet/wire";
import {
  generateMessage,
  generatePayloads,
  IkeHeader,
  makeNotifyPayload,
  MAX_PAYLOADS,
  NotifyType,
  parseHeader,
  parseMessage,
  parsePayloads,
  PayloadType,
  WireError,
  Writer,
} from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { clearMessage } from "../fuzz/seeds.js";

function octets(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
}

function parse(first: number, hex: string): Message {
  const bytes = clearMessage(first, octets(hex));
  const header = new IkeHeader();
  parseHeader(bytes, bytes.length, header);
  return parseMessage(bytes, bytes.length, header);
}

function failure(act: () => unknown): { code: WireErrorCode; field: string; offset: number } | undefined {
  try {
    act();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { code: error.code, field: error.field, offset: error.offset };
  }
  return undefined;
}

describe("a chain of payloads", () => {
  it("keeps payloads of unknown types", () => {
    const { payloads, criticalUnknown } = parse(99, "2b000006aabb 00000004");
    expect(payloads).toEqual([
      { type: PayloadType.UNKNOWN, payloadType: 99, critical: false, body: octets("aabb") },
      { type: PayloadType.VENDOR_ID, data: octets("") },
    ]);
    expect(criticalUnknown).toBe(0);
  });

  it("reports the first unknown type whose critical bit is set, without failing", () => {
    const message = parse(99, "62800004 00800004");
    expect(message.criticalUnknown).toBe(99);
    expect(message.payloads.length).toBe(2);
  });

  it("ignores the critical bit of known types and all reserved bits", () => {
    const message = parse(PayloadType.VENDOR_ID, "00ff0005 01");
    expect(message.criticalUnknown).toBe(0);
    expect(message.payloads).toEqual([{ type: PayloadType.VENDOR_ID, data: octets("01") }]);
  });

  it("reports an unknown critical type from the inside, but not over one from the outside", () => {
    const sealed = parse(PayloadType.SK, "2b00000500");
    sealed.addProtected([{ type: PayloadType.UNKNOWN, payloadType: 70, critical: true, body: octets("") }]);
    expect(sealed.criticalUnknown).toBe(70);
    const both = parse(99, "2e800004 2b00000500");
    both.addProtected([{ type: PayloadType.UNKNOWN, payloadType: 70, critical: true, body: octets("") }]);
    expect(both.criticalUnknown).toBe(99);
  });

  it.each([
    ["a payload shorter than its header", 43, "00000003", "CYG_WIRE_LENGTH", 28],
    ["a payload of length zero", 43, "00000000", "CYG_WIRE_LENGTH", 28],
    ["a payload that runs past the end", 43, "00000005", "CYG_WIRE_TRUNCATED", 28],
    ["a chain that does not end", 43, "2b000004", "CYG_WIRE_TRUNCATED", 32],
    ["octets behind the last payload", 43, "00000004 00", "CYG_WIRE_TRAILING", 32],
    ["octets behind a header that announces no payload", 0, "00", "CYG_WIRE_TRAILING", 28],
    ["octets left over inside a payload", 48, "00000009 0309000401", "CYG_WIRE_LENGTH", 34],
    ["a payload behind the SK payload", 46, "2b000008 00000000 00000004", "CYG_WIRE_TRAILING", 36],
    ["an empty SK payload", 46, "2b000004", "CYG_WIRE_EMPTY_FIELD", 32],
    ["fragment number zero", 53, "23000009 00000001 00", "CYG_WIRE_VALUE", 32],
    ["a fragment number beyond the total", 53, "00000009 00030002 00", "CYG_WIRE_VALUE", 32],
    ["a total beyond the limit", 53, "23000009 00010100 00", "CYG_WIRE_LIMIT", 34],
  ] as const)("refuses %s", (_name, first, hex, code, offset) => {
    expect(failure(() => parse(first, hex))).toMatchObject({ code, offset });
  });

  it("refuses an encrypted payload inside an encrypted payload", () => {
    const inner = octets("00000008 00000000");
    expect(failure(() => parsePayloads(PayloadType.SK, inner, 0, 8))?.code).toBe("CYG_WIRE_VALUE");
    expect(failure(() => parsePayloads(PayloadType.SKF, inner, 0, 8))?.code).toBe("CYG_WIRE_VALUE");
  });

  it("describes a fragment without opening it", () => {
    expect(parse(53, "00000009 00020003 00").encrypted).toEqual({
      type: PayloadType.SKF,
      firstPayload: 0,
      at: 36,
      end: 37,
      fragmentNumber: 2,
      totalFragments: 3,
    });
  });

  it("is as long as the limit allows, and no longer", () => {
    const chain = (count: number): string => "2b000004".repeat(count - 1) + "00000004";
    expect(parse(PayloadType.VENDOR_ID, chain(MAX_PAYLOADS)).payloads.length).toBe(MAX_PAYLOADS);
    expect(failure(() => parse(PayloadType.VENDOR_ID, chain(MAX_PAYLOADS + 1)))?.code).toBe("CYG_WIRE_LIMIT");
  });

  it("parses from the middle of a buffer", () => {
    const bytes = octets("ffff 00000008 00004000 ffff");
    expect(parsePayloads(PayloadType.NOTIFY, bytes, 2, 10)).toEqual([makeNotifyPayload(NotifyType.INITIAL_CONTACT)]);
  });

  it("parses nothing from nothing", () => {
    expect(parsePayloads(PayloadType.NONE, octets(""), 0, 0)).toEqual([]);
  });
});

describe("generating", () => {
  const head = new IkeHeader();

  it("writes unknown payloads with their critical bit", () => {
    const writer = new Writer(new Uint8Array(16));
    const length = generatePayloads(writer, [
      { type: PayloadType.UNKNOWN, payloadType: 99, critical: true, body: octets("aabb") },
      { type: PayloadType.UNKNOWN, payloadType: 98, critical: false, body: octets("") },
    ]);
    expect(Buffer.from(writer.bytes.subarray(0, length)).toString("hex")).toBe("62800006aabb00000004");
  });

  it("refuses a payload longer than its length field can say", () => {
    const writer = new Writer(new Uint8Array(70_000));
    const payload = { type: PayloadType.VENDOR_ID, data: new Uint8Array(65_532) } as const;
    expect(failure(() => generatePayloads(writer, [payload]))).toMatchObject({ code: "CYG_WIRE_RANGE", field: "payload length" });
  });

  it("refuses an exchange type that does not fit the header", () => {
    const writer = new Writer(new Uint8Array(100));
    head.exchangeType = 256;
    expect(failure(() => generateMessage(writer, head, []))).toMatchObject({ code: "CYG_WIRE_RANGE", field: "exchange type" });
    head.exchangeType = 37;
  });

  it("refuses selectors whose addresses do not fit their type, and SPIs of mixed sizes", () => {
    const writer = new Writer(new Uint8Array(100));
    const four = new Uint8Array(4);
    const selector = { tsType: 8, protocol: 0, startPort: 0, endPort: 0, startAddress: four, endAddress: four };
    expect(failure(() => generatePayloads(writer, [{ type: PayloadType.TSi, selectors: [selector] }]))?.code).toBe(
      "CYG_WIRE_RANGE",
    );
    const spis = [four, new Uint8Array(8)];
    expect(failure(() => generatePayloads(writer, [{ type: PayloadType.DELETE, protocol: 3, spis }]))?.code).toBe(
      "CYG_WIRE_RANGE",
    );
  });

  it("refuses an SA payload without proposals", () => {
    const writer = new Writer(new Uint8Array(100));
    expect(failure(() => generatePayloads(writer, [{ type: PayloadType.SA, proposals: [] }]))?.code).toBe("CYG_WIRE_RANGE");
  });

  it("starts a message wherever the writer stands", () => {
    const writer = new Writer(new Uint8Array(100)).reset(undefined, 4);
    expect(generateMessage(writer, head, [])).toBe(28);
    expect([writer.offset, writer.bytes[4 + 27], writer.bytes[0]]).toEqual([32, 28, 0]);
  });
});
