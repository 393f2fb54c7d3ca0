/** The little of DER that distinguished names need. Definite lengths only; a broken structure yields undefined, never a throw. */

/** One element: where its content lies in the octets it was read from, and where the next element begins. */
export interface DerElement {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

export const DER_SEQUENCE = 0x30;
export const DER_SET = 0x31;
export const DER_OID = 0x06;
export const DER_UTF8_STRING = 0x0c;
export const DER_PRINTABLE_STRING = 0x13;
export const DER_IA5_STRING = 0x16;

/** Longer content is no identity: a datagram holds 64 KB. */
const MAX_LENGTH_OCTETS = 2;

/** Reads the element at `at`, which must end at or before `limit`. */
export function readDer(bytes: Uint8Array, at: number, limit: number): DerElement | undefined {
  if (at + 2 > limit) return undefined;
  const tag = bytes[at]!;
  let length = bytes[at + 1]!;
  let start = at + 2;
  if (length & 0x80) {
    const octets = length & 0x7f;
    if (octets === 0 || octets > MAX_LENGTH_OCTETS || start + octets > limit) return undefined;
    length = 0;
    for (let i = 0; i < octets; i++) length = (length << 8) | bytes[start++]!;
  }
  return start + length > limit ? undefined : { tag, start, end: start + length };
}

/** Wraps `parts` into one element. */
export function writeDer(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const head = length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  const out = new Uint8Array(head.length + length);
  out.set(head);
  let at = head.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
