import type { EncryptedPayload, Message, ProtectionSizes, WireErrorCode } from "@cygnet/wire";
import {
  beginFragment,
  beginProtected,
  checkSealed,
  ExchangeType,
  FragmentReassembler,
  IkeFlags,
  IkeHeader,
  openedPayload,
  parseHeader,
  parseMessage,
  parsePayloads,
  PayloadType,
  planFragments,
  ProtectedLayout,
  WireError,
  Writer,
} from "@cygnet/wire";
import { describe, expect, it } from "vitest";
import { SAMPLE_PAYLOADS } from "../fuzz/seeds.js";

const HEAD = Object.assign(new IkeHeader(), {
  spiInitiatorLo: 1,
  exchangeType: ExchangeType.IKE_AUTH,
  flags: IkeFlags.INITIATOR,
});
const AEAD: ProtectionSizes = { ivBytes: 8, icvBytes: 16, blockBytes: 1 };
const CBC: ProtectionSizes = { ivBytes: 16, icvBytes: 12, blockBytes: 16 };
const SK_AT = 28;

function parse(bytes: Uint8Array, length: number): Message {
  const header = new IkeHeader();
  parseHeader(bytes, length, header);
  return parseMessage(bytes, length, header);
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

function sealed(message: Message): EncryptedPayload {
  if (message.encrypted === undefined) throw new Error("the message is not encrypted");
  return message.encrypted;
}

describe("a protected message", () => {
  it.each([
    ["an AEAD", AEAD],
    ["a block cipher", CBC],
  ])("lays out IV, payloads, padding and checksum for %s", (_name, sizes) => {
    const writer = new Writer(new Uint8Array(2048));
    const layout = beginProtected(writer, HEAD, SAMPLE_PAYLOADS, sizes, new ProtectedLayout());
    expect(layout.ivAt).toBe(SK_AT + 4);
    expect(layout.plainAt - layout.ivAt).toBe(sizes.ivBytes);
    expect(layout.end - layout.icvAt).toBe(sizes.icvBytes);
    expect((layout.icvAt - layout.plainAt) % sizes.blockBytes).toBe(0);
    expect(layout.icvAt - layout.innerEnd - 1).toBeLessThan(sizes.blockBytes);
    const encrypted = sealed(parse(writer.bytes, layout.length));
    expect([encrypted.at, encrypted.end]).toEqual([layout.ivAt, layout.end]);
    checkSealed(encrypted, sizes);
    const inner = openedPayload(writer.bytes, layout.ivAt, sizes.ivBytes, sizes.icvBytes, layout.end);
    expect(inner).toEqual({ start: layout.plainAt, end: layout.innerEnd });
    expect(parsePayloads(encrypted.firstPayload, writer.bytes, inner.start, inner.end).length).toBe(SAMPLE_PAYLOADS.length);
  });

  it("without payloads is an IV, padding and a checksum", () => {
    const writer = new Writer(new Uint8Array(256));
    const layout = beginProtected(writer, HEAD, [], CBC, new ProtectedLayout());
    expect(layout.length).toBe(SK_AT + 4 + 16 + 16 + 12);
    expect(writer.bytes[layout.icvAt - 1]).toBe(15);
    expect(sealed(parse(writer.bytes, layout.length)).firstPayload).toBe(PayloadType.NONE);
  });

  it("does not overwrite what is behind the writer's limit", () => {
    const bytes = new Uint8Array(256).fill(0xee);
    const writer = new Writer(bytes);
    const { length } = beginProtected(writer, HEAD, [], CBC, new ProtectedLayout());
    bytes.fill(0xee);
    for (let limit = 0; limit < length; limit++) {
      writer.reset(bytes, 0, limit);
      expect(codeOf(() => beginProtected(writer, HEAD, [], CBC, new ProtectedLayout()))).toBe("CYG_WIRE_OVERFLOW");
      expect(bytes[limit]).toBe(0xee);
    }
  });

  it.each([
    [28, AEAD, undefined],
    [24, AEAD, "CYG_WIRE_LENGTH"],
    [25, AEAD, undefined],
    [28 + 16, CBC, undefined],
    [28 + 15, CBC, "CYG_WIRE_LENGTH"],
    [28, CBC, "CYG_WIRE_LENGTH"],
    [1, CBC, "CYG_WIRE_LENGTH"],
  ])("of %i sealed octets is judged before it is verified", (bytes, sizes, code) => {
    const encrypted = {
      type: PayloadType.SK,
      firstPayload: 0,
      at: 32,
      end: 32 + bytes,
      fragmentNumber: 1,
      totalFragments: 1,
    } as const;
    expect(codeOf(() => checkSealed(encrypted, sizes))).toBe(code);
  });

  it("with longer padding than plaintext is refused once opened", () => {
    const bytes = new Uint8Array(64);
    bytes[51] = 12;
    expect(codeOf(() => openedPayload(bytes, 32, 8, 12, 64))).toBe("CYG_WIRE_PADDING");
    bytes[51] = 11;
    expect(openedPayload(bytes, 32, 8, 12, 64)).toEqual({ start: 40, end: 40 });
    expect(codeOf(() => openedPayload(bytes, 32, 20, 12, 64))).toBe("CYG_WIRE_LENGTH");
    expect(codeOf(() => openedPayload(bytes, 32, 8, 12, 65))).toBe("CYG_WIRE_LENGTH");
  });
});

/** Cuts the sample payloads into sealed-looking fragment messages of at most `max` octets. */
function fragments(max: number, sizes: ProtectionSizes): { messages: Uint8Array[]; inner: Uint8Array } {
  const whole = new Writer(new Uint8Array(4096));
  const layout = beginProtected(whole, HEAD, SAMPLE_PAYLOADS, sizes, new ProtectedLayout());
  const inner = whole.bytes.slice(layout.plainAt, layout.innerEnd);
  const { count, pieceBytes } = planFragments(inner.length, max, sizes);
  const messages: Uint8Array[] = [];
  const writer = new Writer(new Uint8Array(4096));
  for (let n = 1; n <= count; n++) {
    const plaintext = inner.subarray((n - 1) * pieceBytes, n * pieceBytes);
    const part = { firstPayload: PayloadType.SA, fragmentNumber: n, totalFragments: count, plaintext };
    const { length } = beginFragment(writer.reset(), HEAD, part, sizes, layout);
    messages.push(writer.bytes.slice(0, length));
  }
  return { messages, inner };
}

function feed(reassembler: FragmentReassembler, message: Uint8Array, sizes: ProtectionSizes): string {
  const encrypted = sealed(parse(message, message.length));
  checkSealed(encrypted, sizes);
  const { start, end } = openedPayload(message, encrypted.at, sizes.ivBytes, sizes.icvBytes, encrypted.end);
  return reassembler.add(encrypted, message, start, end);
}

describe("fragments", () => {
  it.each([
    [200, AEAD],
    [200, CBC],
    [121, CBC],
    [576, AEAD],
  ])("of at most %i octets come together again", (max, sizes) => {
    const { messages, inner } = fragments(max, sizes);
    expect(messages.length).toBeGreaterThan(1);
    const reassembler = new FragmentReassembler();
    // Last one first: order does not matter.
    const outcomes = messages.toReversed().map((message) => feed(reassembler, message, sizes));
    expect(outcomes.pop()).toBe("complete");
    expect(outcomes.every((outcome) => outcome === "wait")).toBe(true);
    expect(messages.every((message) => message.length <= max)).toBe(true);
    expect(reassembler.firstPayload).toBe(PayloadType.SA);
    const bytes = reassembler.assemble();
    expect(Buffer.from(bytes).equals(inner)).toBe(true);
    expect(parsePayloads(reassembler.firstPayload, bytes, 0, bytes.length).length).toBe(SAMPLE_PAYLOADS.length);
  });

  it("but the first carry no first payload type", () => {
    const { messages } = fragments(200, AEAD);
    expect(messages.map((message) => message[28])).toEqual([PayloadType.SA, ...messages.slice(1).map(() => 0)]);
  });

  it("but the last are as long as fits", () => {
    const { messages } = fragments(200, AEAD);
    expect(new Set(messages.slice(0, -1).map((message) => message.length))).toEqual(new Set([200]));
  });

  it("are as many and as long as strongSwan's: 1248 and 195 octets of a 1378-octet message", () => {
    const innerBytes = 1378 - 28 - 4 - 8 - 1 - 16;
    const { count, pieceBytes } = planFragments(innerBytes, 1248, AEAD);
    const around = 28 + 4 + 4 + 8 + 1 + 16;
    expect([count, pieceBytes + around, innerBytes - pieceBytes + around]).toEqual([2, 1248, 195]);
  });

  it("cannot be planned where not one octet fits", () => {
    expect(codeOf(() => planFragments(100, 28 + 8 + 8 + 16 + 1, AEAD))).toBe("CYG_WIRE_RANGE");
    expect(planFragments(100, 28 + 8 + 8 + 16 + 2, AEAD)).toEqual({ count: 100, pieceBytes: 1 });
    expect(planFragments(0, 576, AEAD).count).toBe(1);
  });
});

describe("FragmentReassembler", () => {
  const plaintext = new Uint8Array(64).map((_, i) => i);

  function fragment(fragmentNumber: number, totalFragments: number): EncryptedPayload {
    const firstPayload = fragmentNumber === 1 ? PayloadType.IDi : PayloadType.NONE;
    return { type: PayloadType.SKF, firstPayload, at: 36, end: 100, fragmentNumber, totalFragments };
  }

  it("drops duplicates", () => {
    const r = new FragmentReassembler();
    expect(r.add(fragment(1, 2), plaintext, 0, 4)).toBe("wait");
    expect(r.wants(fragment(1, 2))).toBe(false);
    expect(r.add(fragment(1, 2), plaintext, 4, 8)).toBe("dropped");
    expect(r.add(fragment(2, 2), plaintext, 8, 10)).toBe("complete");
    expect([...r.assemble()]).toEqual([0, 1, 2, 3, 8, 9]);
    expect(r.add(fragment(2, 2), plaintext, 8, 10)).toBe("dropped");
  });

  it("starts over when the total grows, and drops what belongs to a smaller total", () => {
    const r = new FragmentReassembler();
    r.add(fragment(1, 2), plaintext, 0, 8);
    expect(r.wants(fragment(2, 3))).toBe(true);
    expect(r.add(fragment(2, 3), plaintext, 4, 8)).toBe("wait");
    expect([r.totalFragments, r.receivedFragments]).toEqual([3, 1]);
    expect(r.add(fragment(2, 2), plaintext, 8, 16)).toBe("dropped");
    r.add(fragment(3, 3), plaintext, 8, 9);
    expect(r.add(fragment(1, 3), plaintext, 0, 4)).toBe("complete");
    expect([...r.assemble()]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it("copies what it keeps", () => {
    const own = plaintext.slice();
    const r = new FragmentReassembler();
    r.add(fragment(1, 1), own, 0, 4);
    own.fill(0xff);
    expect([...r.assemble()]).toEqual([0, 1, 2, 3]);
  });

  it("drops what exceeds its limits, and keeps what it has", () => {
    const r = new FragmentReassembler({ maxFragments: 3, maxBytes: 10 });
    expect(r.add(fragment(1, 4), plaintext, 0, 1)).toBe("dropped");
    expect(r.add(fragment(1, 2), plaintext, 0, 6)).toBe("wait");
    expect(r.add(fragment(2, 2), plaintext, 6, 11)).toBe("dropped");
    expect(r.add(fragment(2, 3), plaintext, 0, 11)).toBe("dropped");
    expect(r.add(fragment(2, 2), plaintext, 6, 10)).toBe("complete");
    expect(r.assemble().length).toBe(10);
  });

  it("does not want an SK payload", () => {
    expect(new FragmentReassembler().wants({ ...fragment(1, 1), type: PayloadType.SK })).toBe(false);
  });

  it("forgets everything when cleared", () => {
    const r = new FragmentReassembler();
    r.add(fragment(1, 3), plaintext, 0, 4);
    r.clear();
    expect([r.totalFragments, r.receivedFragments, r.firstPayload, r.assemble().length]).toEqual([0, 0, 0, 0]);
    expect(r.add(fragment(1, 1), plaintext, 0, 4)).toBe("complete");
  });
});
