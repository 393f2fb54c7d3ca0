import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeStrokeMessage,
  encodeStrokeMessage,
  INVALID_STROKE_POINTER,
  STROKE_FIELDS,
  StrokeMessageError,
  strokeMessageLength,
  StrokeMessageType,
} from "../../src/abi/index.js";
import type { StrokeField } from "../../src/abi/index.js";

interface Vector {
  readonly command?: string;
  readonly sender: string;
  readonly request_hex: string;
  readonly decoded: {
    length: number;
    type: number;
    output_verbosity: number;
    buflen: number;
    fields: Record<string, string | number | null>;
  };
}
const VECTORS = (
  JSON.parse(readFileSync(fileURLToPath(new URL("../vectors/stroke-messages.json", import.meta.url)), "utf8")) as {
    messages: Vector[];
  }
).messages;
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));
const plain = (fields: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([k, v]) => [k, typeof v === "bigint" || typeof v === "boolean" ? Number(v) : v]),
  );
/** starter appends what it derived from authby at the end: its offset is then above that of the addresses. */
const derivedAuth = (bytes: Uint8Array): string[] =>
  new DataView(bytes.buffer).getUint32(296, true) > new DataView(bytes.buffer).getUint32(408, true)
    ? ["me.auth", "other.auth"]
    : [];

describe("captured stroke messages", () => {
  it.each(
    VECTORS.map(
      (v, i) => [`${i} ${v.command ?? `${v.sender} type ${v.decoded.type} ${String(v.decoded.fields["name"])}`}`, v] as const,
    ),
  )("%s decodes to the recorded fields and encodes to the recorded bytes", (_name, vector) => {
    const bytes = bytesOf(vector.request_hex);
    const message = decodeStrokeMessage(bytes);
    expect(strokeMessageLength(bytes)).toBe(vector.decoded.length);
    expect(message.type).toBe(vector.decoded.type);
    expect(message.outputVerbosity).toBe(vector.decoded.output_verbosity);
    expect(plain(message.fields)).toEqual(vector.decoded.fields);
    const last = message.type === StrokeMessageType.ADD_CONN ? derivedAuth(bytes) : [];
    expect(Buffer.from(encodeStrokeMessage(message, { last })).toString("hex")).toBe(vector.request_hex);
  });
});

const valueOf = (field: StrokeField): fc.Arbitrary<unknown> => {
  switch (field.kind) {
    case "str":
      return fc.option(
        fc.string({ unit: "grapheme", maxLength: 40 }).filter((s) => !s.includes("\0") && Buffer.from(s).toString() === s),
      );
    case "bool":
      return fc.boolean();
    case "u8":
      return fc.integer({ min: 0, max: 255 });
    case "u16":
      return fc.integer({ min: 0, max: 65535 });
    case "u32":
      return fc.integer({ min: 0, max: 0xffffffff });
    case "i32":
      return fc.integer({ min: -0x80000000, max: 0x7fffffff });
    case "i64":
      return fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
    case "u64":
      return fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
  }
};
const TYPES = Object.keys(STROKE_FIELDS).map(Number) as StrokeMessageType[];
const anyMessage = fc
  .constantFrom(...TYPES)
  .chain((type) =>
    fc
      .record(Object.fromEntries((STROKE_FIELDS[type] as readonly StrokeField[]).map((f) => [f.name, valueOf(f)])))
      .chain((fields) => fc.integer({ min: -1, max: 4 }).map((outputVerbosity) => ({ type, outputVerbosity, fields }))),
  );

describe("the stroke codec", () => {
  it("knows all 23 types of strongSwan, and two of its own", () => {
    expect(TYPES.toSorted((a, b) => a - b)).toEqual([...Array(23).keys(), StrokeMessageType.PROFILE, StrokeMessageType.PLUGINS]);
  });

  it("has no overlapping fields and none outside the union", () => {
    const size = { str: 8, i64: 8, u64: 8, u32: 4, i32: 4, u16: 2, u8: 1, bool: 1 };
    for (const type of TYPES) {
      const taken = new Set<number>();
      for (const field of STROKE_FIELDS[type] as readonly StrokeField[]) {
        for (let i = field.offset; i < field.offset + size[field.kind]; i++) {
          expect(i).toBeGreaterThanOrEqual(16);
          expect(i).toBeLessThan(656);
          expect(taken.has(i)).toBe(false);
          taken.add(i);
        }
      }
    }
  });

  it("gives back what was encoded, for any message", () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeStrokeMessage(encodeStrokeMessage(message as never))).toEqual(message);
      }),
    );
  });

  it("answers any bytes with a message or a typed error", () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ minLength: 658, maxLength: 900 }),
      fc.uint8Array({ minLength: 658, maxLength: 900 }).map((bytes) => {
        const view = new DataView(bytes.buffer);
        view.setUint16(0, bytes.length, true);
        view.setUint32(4, bytes[4] % 24, true);
        return bytes;
      }),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        try {
          decodeStrokeMessage(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(StrokeMessageError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("survives every truncation and every flipped bit of a real message", () => {
    const bytes = bytesOf(VECTORS[8].request_hex);
    for (let n = 0; n < bytes.length; n++) expect(() => decodeStrokeMessage(bytes.subarray(0, n))).toThrow(StrokeMessageError);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const damaged = Uint8Array.from(bytes);
      damaged[bit >> 3] ^= 1 << (bit & 7);
      try {
        decodeStrokeMessage(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(StrokeMessageError);
      }
    }
  });

  it("reads a string offset below the fixed part or above the length as the literal replacement", () => {
    const bytes = encodeStrokeMessage({ type: StrokeMessageType.INITIATE, fields: { name: "abc" } });
    const nameAt = (offset: bigint): unknown => {
      const copy = Uint8Array.from(bytes);
      new DataView(copy.buffer).setBigUint64(16, offset, true);
      return (decodeStrokeMessage(copy).fields as { name: string | null }).name;
    };
    for (const bad of [1n, 657n, 663n, 1n << 32n, (1n << 64n) - 1n]) expect(nameAt(bad)).toBe(INVALID_STROKE_POINTER);
    expect(nameAt(0n)).toBeNull();
    expect(nameAt(658n)).toBe("abc");
    expect(nameAt(660n)).toBe("c");
    expect(nameAt(662n)).toBe("");
  });

  it("ends a string that lacks its NUL with the message", () => {
    const bytes = encodeStrokeMessage({ type: StrokeMessageType.ROUTE, fields: { name: "abc" } });
    bytes[661] = 0x64;
    const padded = new Uint8Array(700).fill(0x7a);
    padded.set(bytes);
    expect(decodeStrokeMessage(padded).fields).toEqual({ name: "abcd" });
  });

  it("refuses a length below the fixed part and an unknown type, each with its code", () => {
    const short = new Uint8Array(658);
    short[0] = 0x91;
    short[1] = 0x02;
    expect(() => decodeStrokeMessage(short)).toThrow(
      expect.objectContaining({ code: "CYG_STROKE_LENGTH", message: "invalid stroke message length 657" }),
    );
    const unknown = encodeStrokeMessage({ type: StrokeMessageType.MEMUSAGE });
    unknown[4] = 23;
    expect(() => decodeStrokeMessage(unknown)).toThrow(expect.objectContaining({ code: "CYG_STROKE_TYPE", offset: 4 }));
  });

  it("sets buflen as the real client does: zero up to 664 bytes, then in steps of 1024", () => {
    const buflen = (n: number): number => {
      const bytes = encodeStrokeMessage({ type: StrokeMessageType.INITIATE, fields: { name: "x".repeat(n) } });
      return bytes[656] | (bytes[657] << 8);
    };
    expect([4, 5, 6, 1029, 1030].map(buflen)).toEqual([0, 0, 1024, 1024, 2048]);
  });

  it("refuses to build what the length field cannot hold, and strings with a NUL", () => {
    const build = (name: string) => () => encodeStrokeMessage({ type: StrokeMessageType.STATUS, fields: { name } });
    expect(build("x".repeat(65534 - 659))).not.toThrow();
    expect(build("x".repeat(65535 - 659))).toThrow(expect.objectContaining({ code: "CYG_STROKE_TOO_LONG" }));
    expect(build("a\0b")).toThrow(expect.objectContaining({ code: "CYG_STROKE_VALUE" }));
  });
});
