import type { WireErrorCode } from "@cygnet/wire";
import { Reader, WireError, Writer } from "@cygnet/wire";
import { describe, expect, it } from "vitest";

function failure(act: () => unknown): { code: WireErrorCode; field: string; offset: number } | undefined {
  try {
    act();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { code: error.code, field: error.field, offset: error.offset };
  }
  return undefined;
}

describe("Reader", () => {
  const bytes = Uint8Array.of(0xff, 1, 0xff, 2, 0xff, 0xff, 0xff, 0xfe, 9, 9);

  it("reads unsigned numbers in network order", () => {
    const r = new Reader().reset(bytes, 0, 8);
    expect([r.u8("a"), r.u8("b"), r.u16("c"), r.u32("d")]).toEqual([255, 1, 0xff02, 0xfffffffe]);
    expect(r.remaining).toBe(0);
  });

  it.each([1, 2, 4] as const)("does not read %i octets past its end though the buffer goes on", (width) => {
    const r = new Reader().reset(bytes, 8 - width + 1, 8);
    const read = width === 1 ? () => r.u8("x") : width === 2 ? () => r.u16("x") : () => r.u32("x");
    expect(failure(read)).toEqual({ code: "CYG_WIRE_TRUNCATED", field: "x", offset: 8 - width + 1 });
  });

  it("does not take or skip past its end", () => {
    const r = new Reader().reset(bytes, 6, 8);
    expect(failure(() => r.take(3, "x"))?.code).toBe("CYG_WIRE_TRUNCATED");
    expect(failure(() => r.skip(3, "x"))?.code).toBe("CYG_WIRE_TRUNCATED");
    expect([...r.take(2, "x")]).toEqual([0xff, 0xfe]);
  });

  it("returns views, not copies", () => {
    const own = Uint8Array.from(bytes);
    const view = new Reader().reset(own, 0, 2).rest();
    own[1] = 77;
    expect(view[1]).toBe(77);
  });

  it("keeps reads inside an entered structure and comes back out", () => {
    const r = new Reader().reset(bytes, 0, 8);
    const outer = r.enter(0, 2, 1, "inner");
    expect(failure(() => r.u32("x"))?.code).toBe("CYG_WIRE_TRUNCATED");
    r.skip(2, "x");
    r.leave(outer, "inner");
    expect(r.remaining).toBe(6);
  });

  it("refuses to leave a structure that is not read to its end", () => {
    const r = new Reader().reset(bytes, 0, 8);
    const outer = r.enter(0, 2, 1, "inner");
    expect(failure(() => r.leave(outer, "inner"))).toEqual({ code: "CYG_WIRE_TRAILING", field: "inner", offset: 0 });
  });

  it.each([
    [-1, 2],
    [3, 2],
    [0, 11],
    [Number.NaN, 2],
  ])("refuses the range [%d, %d) of a 10-octet buffer", (start, end) => {
    expect(failure(() => new Reader().reset(bytes, start, end))?.code).toBe("CYG_WIRE_TRUNCATED");
  });
});

describe("Writer", () => {
  it("writes what a reader reads", () => {
    const w = new Writer(new Uint8Array(32));
    w.u8(200).u16(0xfffe).u32(0xfffffffd).copy(new Uint8Array(20).fill(7)).zeros(1);
    const r = new Reader().reset(w.bytes, 0, w.offset);
    expect([r.u8("a"), r.u16("b"), r.u32("c"), r.take(20, "d")[19], r.u8("e"), r.remaining]).toEqual([
      200, 0xfffe, 0xfffffffd, 7, 0, 0,
    ]);
  });

  it.each([
    ["u8", 256],
    ["u8", -1],
    ["u8", 1.5],
    ["u8", Number.NaN],
    ["u16", 65_536],
    ["u16", -1],
    ["u32", 2 ** 32],
    ["u32", -1],
    ["u32", 0.5],
  ] as const)("refuses %s(%d)", (method, value) => {
    expect(failure(() => new Writer(new Uint8Array(8))[method](value, "x"))).toEqual({
      code: "CYG_WIRE_RANGE",
      field: "x",
      offset: 0,
    });
  });

  it("refuses to patch a length that does not fit", () => {
    const w = new Writer(new Uint8Array(8));
    expect(failure(() => w.patchU16(0, 65_536, "x"))?.code).toBe("CYG_WIRE_RANGE");
    expect(failure(() => w.patchU32(0, 2 ** 32, "x"))?.code).toBe("CYG_WIRE_RANGE");
  });

  it("stops at its limit, not at the end of the buffer", () => {
    const w = new Writer(new Uint8Array(8)).reset(undefined, 2, 4);
    expect(failure(() => w.u32(1, "x"))).toEqual({ code: "CYG_WIRE_OVERFLOW", field: "x", offset: 2 });
    expect(failure(() => w.zeros(3))?.code).toBe("CYG_WIRE_OVERFLOW");
    expect(failure(() => w.reserve(3))?.code).toBe("CYG_WIRE_OVERFLOW");
    expect(failure(() => w.copy(new Uint8Array(3)))?.code).toBe("CYG_WIRE_OVERFLOW");
    w.u16(0x0102);
    expect(failure(() => w.u8(1))?.code).toBe("CYG_WIRE_OVERFLOW");
    expect([...w.bytes]).toEqual([0, 0, 1, 2, 0, 0, 0, 0]);
  });

  it("refuses a range outside of its buffer", () => {
    expect(failure(() => new Writer(new Uint8Array(8)).reset(undefined, 0, 9))?.code).toBe("CYG_WIRE_OVERFLOW");
  });
});

describe("WireError", () => {
  it("says what is wrong where, and captures no stack", () => {
    const limit = Error.stackTraceLimit;
    const error = new WireError("CYG_WIRE_TRUNCATED", "nonce", 12);
    expect(error.message).toBe("nonce runs past the end (octet 12)");
    expect(error.name).toBe("WireError");
    expect(error.stack?.split("\n").length).toBe(1);
    expect(Error.stackTraceLimit).toBe(limit);
  });
});
