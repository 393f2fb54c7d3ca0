/**
 * Encoding and decoding of stroke messages from the field table.
 *
 * A message is a plain object with a type, a verbosity and one value per field of that type. Strings that are not set are `null`;
 * fields left out of a message to be encoded are zero.
 */

import { StrokeMessageError } from "./message-error.js";
import {
  STROKE_BUFFER_STEP,
  STROKE_BUFLEN_OFFSET,
  STROKE_FIELDS,
  STROKE_FIXED_LENGTH,
  STROKE_LENGTH_LIMIT,
  STROKE_STRUCT_SIZE,
  STROKE_TYPE_OFFSET,
  STROKE_VERBOSITY_OFFSET,
} from "./message-fields.js";
import type { StrokeField, StrokeFieldKind } from "./message-fields.js";
import { strokeMessageTypeName } from "./message-type.js";
import type { StrokeMessageType } from "./message-type.js";

/** Value of a field of this kind. */
export type StrokeFieldValue<K extends StrokeFieldKind> = K extends "str"
  ? string | null
  : K extends "bool"
    ? boolean
    : K extends "i64" | "u64"
      ? bigint
      : number;

/** Field names and value types of a message type. */
export type StrokeFields<T extends StrokeMessageType> = {
  -readonly [F in (typeof STROKE_FIELDS)[T][number] as F["name"]]: StrokeFieldValue<F["kind"]>;
};

/** One decoded request. `outputVerbosity` is the highest log level that the client wants to see; negative: do not wait for a result. */
export interface StrokeMessage<T extends StrokeMessageType = StrokeMessageType> {
  readonly type: T;
  readonly outputVerbosity: number;
  readonly fields: StrokeFields<T>;
}

/** Any request, to be narrowed by its `type`. */
export type AnyStrokeMessage = { [T in StrokeMessageType]: StrokeMessage<T> }[StrokeMessageType];

/** A request to be encoded: fields left out are zero or unset, the verbosity is 1 if unset, as the command line tool sends it. */
export interface StrokeMessageInit<T extends StrokeMessageType> {
  readonly type: T;
  readonly outputVerbosity?: number;
  readonly fields?: Partial<StrokeFields<T>>;
}

/** What a server sees in place of a string whose offset points out of the message. */
export const INVALID_STROKE_POINTER = "(invalid pointer in stroke msg)";

/** How {@link encodeStrokeMessage} lays out strings. */
export interface StrokeEncodeOptions {
  /** Fields whose strings are appended behind all others, in this order; starter does so with what it derives from `authby`. */
  readonly last?: readonly string[];
}

/**
 * The bytes that a client writes for this request, `buflen` included as the real clients set it.
 *
 * @returns a new array of 658 to 65534 bytes, owned by the caller
 * @throws {StrokeMessageError} CYG_STROKE_TOO_LONG if the strings do not fit; CYG_STROKE_VALUE for a string with a NUL
 */
export function encodeStrokeMessage<T extends StrokeMessageType>(
  message: StrokeMessageInit<T>,
  options: StrokeEncodeOptions = {},
): Uint8Array {
  const values = (message.fields ?? {}) as Readonly<Record<string, unknown>>;
  const strings = new StringArea();
  const fixed = new Uint8Array(STROKE_FIXED_LENGTH);
  const view = new DataView(fixed.buffer);
  view.setUint32(STROKE_TYPE_OFFSET, message.type, true);
  view.setInt32(STROKE_VERBOSITY_OFFSET, message.outputVerbosity ?? 1, true);
  const table: readonly StrokeField[] = STROKE_FIELDS[message.type];
  const last = options.last ?? [];
  for (const field of table) {
    if (field.kind !== "str") writeNumber(view, field, values[field.name]);
    else if (!last.includes(field.name)) writeString(view, field, values[field.name], strings);
  }
  for (const name of last) {
    const field = table.find((candidate) => candidate.name === name && candidate.kind === "str");
    if (field !== undefined) writeString(view, field, values[name], strings);
  }
  view.setUint16(0, strings.length, true);
  view.setUint16(STROKE_BUFLEN_OFFSET, strings.buflen, true);
  const out = new Uint8Array(strings.length);
  out.set(fixed);
  strings.copyTo(out);
  return out;
}

/**
 * Length of the message that starts here, or `undefined` while fewer than two bytes are there. Tells a server how much to read.
 *
 * @throws {StrokeMessageError} CYG_STROKE_LENGTH if the announced length is below the fixed part
 */
export function strokeMessageLength(bytes: Uint8Array): number | undefined {
  if (bytes.length < 2) return undefined;
  const length = bytes[0] | (bytes[1] << 8);
  if (length < STROKE_FIXED_LENGTH) throw new StrokeMessageError("CYG_STROKE_LENGTH", `invalid stroke message length ${length}`);
  return length;
}

/**
 * Reads one request. Total: any bytes give a message or a typed error, and the result keeps no reference to `bytes`.
 *
 * Bytes behind the announced length are ignored. A string offset below 658 or above the length reads as
 * {@link INVALID_STROKE_POINTER}; a string without its NUL ends with the message. Text is UTF-8, other bytes become U+FFFD.
 *
 * @throws {StrokeMessageError} CYG_STROKE_TRUNCATED, CYG_STROKE_LENGTH or CYG_STROKE_TYPE
 */
export function decodeStrokeMessage(bytes: Uint8Array): AnyStrokeMessage {
  const length = strokeMessageLength(bytes);
  if (length === undefined || length > bytes.length) {
    throw new StrokeMessageError(
      "CYG_STROKE_TRUNCATED",
      `stroke message of ${length ?? "unknown"} bytes has only ${bytes.length}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const type = view.getUint32(STROKE_TYPE_OFFSET, true);
  if (!Object.hasOwn(STROKE_FIELDS, type)) {
    throw new StrokeMessageError(
      "CYG_STROKE_TYPE",
      `unknown stroke message type ${strokeMessageTypeName(type)}`,
      STROKE_TYPE_OFFSET,
    );
  }
  const fields: Record<string, string | number | bigint | boolean | null> = {};
  for (const field of STROKE_FIELDS[type as StrokeMessageType] as readonly StrokeField[]) {
    fields[field.name] = field.kind === "str" ? readString(bytes, view, field.offset, length) : readNumber(view, field);
  }
  return { type, outputVerbosity: view.getInt32(STROKE_VERBOSITY_OFFSET, true), fields } as unknown as AnyStrokeMessage;
}

/** The strings behind the fixed part, in the order in which they were set. */
class StringArea {
  #parts: Uint8Array[] = [];
  length = STROKE_FIXED_LENGTH;
  buflen = 0;

  /** Appends a string with its NUL and returns its offset in the message. */
  add(text: string, field: string): number {
    if (text.includes("\0")) throw new StrokeMessageError("CYG_STROKE_VALUE", `${field} holds a NUL`);
    const part = new TextEncoder().encode(text);
    const offset = this.length;
    const length = offset + part.length + 1;
    if (length >= STROKE_LENGTH_LIMIT) {
      throw new StrokeMessageError("CYG_STROKE_TOO_LONG", "stroke message exceeds maximum buffer size", offset);
    }
    this.#parts.push(part);
    this.length = length;
    while (STROKE_STRUCT_SIZE + this.buflen < length) this.buflen += STROKE_BUFFER_STEP;
    return offset;
  }

  copyTo(out: Uint8Array): void {
    let at = STROKE_FIXED_LENGTH;
    for (const part of this.#parts) {
      out.set(part, at);
      at += part.length + 1;
    }
  }
}

function writeString(view: DataView, field: StrokeField, value: unknown, strings: StringArea): void {
  if (typeof value === "string") view.setUint32(field.offset, strings.add(value, field.name), true);
}

function writeNumber(view: DataView, field: StrokeField, value: unknown): void {
  if (value === undefined || value === null) return;
  switch (field.kind) {
    case "bool":
    case "u8":
      view.setUint8(field.offset, Number(value));
      return;
    case "u16":
      view.setUint16(field.offset, Number(value), true);
      return;
    case "u32":
      view.setUint32(field.offset, Number(value), true);
      return;
    case "i32":
      view.setInt32(field.offset, Number(value), true);
      return;
    default:
      view.setBigUint64(field.offset, value as bigint, true);
  }
}

function readNumber(view: DataView, field: StrokeField): number | bigint | boolean {
  switch (field.kind) {
    case "bool":
      return view.getUint8(field.offset) !== 0;
    case "u8":
      return view.getUint8(field.offset);
    case "u16":
      return view.getUint16(field.offset, true);
    case "u32":
      return view.getUint32(field.offset, true);
    case "i32":
      return view.getInt32(field.offset, true);
    case "i64":
      return view.getBigInt64(field.offset, true);
    default:
      return view.getBigUint64(field.offset, true);
  }
}

function readString(bytes: Uint8Array, view: DataView, slot: number, length: number): string | null {
  const offset = view.getBigUint64(slot, true);
  if (offset === 0n) return null;
  if (offset < BigInt(STROKE_FIXED_LENGTH) || offset > BigInt(length)) return INVALID_STROKE_POINTER;
  const start = Number(offset);
  const nul = bytes.indexOf(0, start);
  const end = nul < 0 || nul > length ? length : nul;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(start, end));
}
