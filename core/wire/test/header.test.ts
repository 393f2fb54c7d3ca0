import type { WireErrorCode } from "@cygnet/wire";
import {
  ExchangeType,
  IkeFlags,
  IkeHeader,
  ikeSpiBytes,
  ikeSpiText,
  parseHeader,
  parseMessage,
  spiBytes,
  spiNumber,
} from "@cygnet/wire";
import { WireError } from "@cygnet/wire";
import { describe, expect, it } from "vitest";

function datagram(edit: (bytes: Uint8Array) => void = () => undefined): Uint8Array {
  const bytes = Uint8Array.from(Buffer.from("ae2e705a3ff51958aa2c34b68285cc8800202528ffffffff0000001c", "hex"));
  edit(bytes);
  return bytes;
}

function parsed(bytes: Uint8Array, length = bytes.length): IkeHeader {
  const header = new IkeHeader();
  parseHeader(bytes, length, header);
  return header;
}

function codeOf(act: () => unknown): WireErrorCode | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return undefined;
}

describe("the header", () => {
  it("is read field by field, numbers unsigned", () => {
    const header = parsed(datagram());
    expect(header).toMatchObject({
      spiInitiatorHi: 0xae2e705a,
      spiInitiatorLo: 0x3ff51958,
      spiResponderHi: 0xaa2c34b6,
      spiResponderLo: 0x8285cc88,
      nextPayload: 0,
      majorVersion: 2,
      minorVersion: 0,
      exchangeType: ExchangeType.INFORMATIONAL,
      flags: IkeFlags.INITIATOR | IkeFlags.RESPONSE,
      messageId: 0xffffffff,
      length: 28,
    });
    expect(header.isInitiator).toBe(true);
    expect(header.isResponse).toBe(true);
  });

  it("is read from the front of a longer receive buffer", () => {
    const slab = new Uint8Array(100);
    slab.set(datagram());
    expect(parsed(slab, 28).length).toBe(28);
  });

  it.each([
    ["an empty datagram", new Uint8Array(0), "CYG_WIRE_TRUNCATED"],
    ["27 octets", datagram().subarray(0, 27), "CYG_WIRE_TRUNCATED"],
    ["a length beyond the datagram", datagram((b) => (b[27] = 29)), "CYG_WIRE_TRUNCATED"],
    ["a length short of the datagram", Uint8Array.of(...datagram(), 0), "CYG_WIRE_TRAILING"],
    ["a length shorter than a header", datagram((b) => (b[27] = 27)), "CYG_WIRE_LENGTH"],
    ["a zero initiator SPI", datagram((b) => b.fill(0, 0, 8)), "CYG_WIRE_VALUE"],
  ] as const)("refuses %s", (_name, bytes, code) => {
    expect(codeOf(() => parsed(bytes))).toBe(code);
  });

  it("fills in what it read before it refused a length", () => {
    const header = new IkeHeader();
    const bytes = datagram((b) => (b[27] = 99));
    expect(codeOf(() => parseHeader(bytes, 28, header))).toBe("CYG_WIRE_TRUNCATED");
    expect([header.spiInitiatorHi, header.length]).toEqual([0xae2e705a, 99]);
  });

  it("refuses a datagram longer than its buffer", () => {
    expect(codeOf(() => parsed(datagram(), 40))).toBe("CYG_WIRE_TRUNCATED");
  });

  it.each([
    [0x10, 1, 0],
    [0x21, 2, 1],
    [0x35, 3, 5],
  ])("gives out version 0x%x for the receiver to judge", (octet, major, minor) => {
    const header = parsed(datagram((b) => (b[17] = octet)));
    expect([header.majorVersion, header.minorVersion]).toEqual([major, minor]);
  });

  it.each([0x10, 0x30])("is not followed into a message of version 0x%x", (octet) => {
    const bytes = datagram((b) => (b[17] = octet));
    expect(codeOf(() => parseMessage(bytes, bytes.length, parsed(bytes)))).toBe("CYG_WIRE_VERSION");
  });

  it("ignores the minor version", () => {
    const bytes = datagram((b) => (b[17] = 0x2f));
    expect(parseMessage(bytes, bytes.length, parsed(bytes)).payloads).toEqual([]);
  });
});

describe("SPIs", () => {
  it("print as on the wire", () => {
    expect(ikeSpiText(0x00000001, 0xfedcba98)).toBe("00000001fedcba98");
    expect(Buffer.from(ikeSpiBytes(0x80000000, 1)).toString("hex")).toBe("8000000000000001");
  });

  it("convert to a number and back", () => {
    expect(spiNumber(spiBytes(0xfdc00ad4))).toBe(0xfdc00ad4);
  });
});
