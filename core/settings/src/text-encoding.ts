/**
 * Bytes of a configuration file as text, without losing any.
 *
 * strongSwan handles values as bytes, so a secret in Latin-1 works there. A plain UTF-8 decoder would replace such bytes. Here a byte
 * that is not valid UTF-8 becomes the lone surrogate U+DC00 + byte (as Python's surrogateescape does), which no valid text contains.
 */

const ESCAPE = 0xdc00;

/** Decodes UTF-8; a byte order mark stays, an invalid byte `b` becomes U+DC00+b. Undone exactly by {@link encodeText}. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return decodeDamaged(bytes);
  }
}

/** The bytes that {@link decodeText} made `text` from; for other text its UTF-8. The result is the caller's. */
export function encodeText(text: string): Uint8Array {
  const utf8 = new TextEncoder();
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 0xd800 && code <= 0xdbff && isLowSurrogate(text.charCodeAt(i + 1))) {
      i += 1;
    } else if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) {
      parts.push(utf8.encode(text.slice(from, i)), Uint8Array.of(code - ESCAPE));
      from = i + 1;
    }
  }
  parts.push(utf8.encode(text.slice(from)));
  return concat(parts);
}

function decodeDamaged(bytes: Uint8Array): string {
  const parts: string[] = [];
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let from = 0;
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes, i);
    if (length > 0) {
      i += length;
      continue;
    }
    parts.push(utf8.decode(bytes.subarray(from, i)), String.fromCharCode(ESCAPE + bytes[i]));
    from = ++i;
  }
  parts.push(utf8.decode(bytes.subarray(from)));
  return parts.join("");
}

/** Length of the well-formed UTF-8 sequence at `at` (RFC 3629 section 4), or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  // Overlong forms, surrogates and code points above U+10FFFF are all told by the second byte.
  const second = bytes[at + 1];
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  return length;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
