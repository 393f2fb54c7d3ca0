import type { PayloadCodec, WireErrorCode } from "@cygnet/wire";
import { decodeBody, WireError, Writer } from "@cygnet/wire";
import { describe, expect, it } from "vitest";

/** A payload body and the value it stands for. */
export interface PayloadVector<T> {
  readonly name: string;
  /** The body, without the generic header. Blanks are ignored. */
  readonly hex: string;
  readonly value: T;
  /** What the value encodes to where that differs from `hex`, because reserved fields are sent as zero. */
  readonly canonicalHex?: string;
}

/** A payload body that must be refused. */
export interface PayloadReject {
  readonly name: string;
  readonly hex: string;
  readonly code: WireErrorCode;
  readonly field?: string;
}

/** What `describePayload` runs on. */
export interface PayloadCases<T> {
  readonly vectors: readonly PayloadVector<T>[];
  readonly rejects: readonly PayloadReject[];
}

/** Octets of a hexadecimal text; blanks are ignored. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));
}

/** Hexadecimal text of octets. */
export function toHex(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}

const MAX_BODY_BYTES = 65_535;

/** The octets that a codec makes of a value. */
export function encodeBody<T>(codec: PayloadCodec<T>, value: T): Uint8Array {
  const writer = new Writer(new Uint8Array(MAX_BODY_BYTES));
  codec.encode(writer, value);
  return writer.bytes.slice(0, writer.offset);
}

/**
 * Decodes a body that may be anything. Passes if the outcome is a `WireError` within the body, or a value that survives being
 * encoded and decoded again; anything else thrown is a bug of the codec.
 */
function expectValueOrWireError<T>(codec: PayloadCodec<T>, body: Uint8Array): void {
  let value: T;
  try {
    value = decodeBody(codec, body);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    expect(error.offset).toBeGreaterThanOrEqual(0);
    expect(error.offset).toBeLessThanOrEqual(body.length);
    expect(error.field).not.toBe("");
    return;
  }
  const canonical = encodeBody(codec, value);
  expect(toHex(encodeBody(codec, decodeBody(codec, canonical)))).toBe(toHex(canonical));
}

function wireErrorOf(act: () => unknown): WireError | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
  return undefined;
}

/**
 * The suite that every payload codec passes: vectors decode and encode to the octet, rejects fail with their code, and neither
 * a truncation nor a flipped bit of any of them gets out anything but a value or a `WireError`.
 */
export function describePayload<T>(name: string, codec: PayloadCodec<T>, { vectors, rejects }: PayloadCases<T>): void {
  describe(name, () => {
    it.each(vectors)("decodes $name", ({ hex, value }) => {
      expect(decodeBody(codec, fromHex(hex))).toEqual(value);
    });

    it.each(vectors)("encodes $name to the octet", ({ hex, canonicalHex, value }) => {
      expect(toHex(encodeBody(codec, value))).toBe((canonicalHex ?? hex).replaceAll(/\s/g, ""));
    });

    it.each(vectors)("refuses to write $name into any shorter buffer", ({ hex, value }) => {
      const { length } = fromHex(hex);
      for (let room = 0; room < length; room++) {
        const error = wireErrorOf(() => codec.encode(new Writer(new Uint8Array(room)), value));
        expect(error?.code).toBe("CYG_WIRE_OVERFLOW");
      }
    });

    it.each(rejects)("refuses $name", ({ hex, code, field }) => {
      const error = wireErrorOf(() => decodeBody(codec, fromHex(hex)));
      expect(error?.code).toBe(code);
      if (field !== undefined) expect(error?.field).toBe(field);
    });

    it.each([...vectors, ...rejects])("takes every truncation of $name as a value or a WireError", ({ hex }) => {
      const body = fromHex(hex);
      for (let length = 0; length < body.length; length++) expectValueOrWireError(codec, body.slice(0, length));
    });

    it.each([...vectors, ...rejects])("takes every flipped bit of $name as a value or a WireError", ({ hex }) => {
      const body = fromHex(hex);
      for (let bit = 0; bit < body.length * 8; bit++) {
        body[bit >> 3] ^= 1 << (bit & 7);
        expectValueOrWireError(codec, body);
        body[bit >> 3] ^= 1 << (bit & 7);
      }
    });
  });
}
