/** Octets to text and back, for identities. */

const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

/** Each octet as the character of that number. */
export function latin1Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Lower-case hex without separators. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** Lower-case hex with colons. */
export function colonHexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => octet.toString(16).padStart(2, "0")).join(":");
}

/** Whether every octet is a visible ASCII character or a blank. */
export function isPrintable(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i]! < FIRST_PRINTABLE || bytes[i]! > LAST_PRINTABLE) return false;
  return true;
}

/** The text with `?` for each octet that cannot be printed, so that a peer cannot write control characters into the log. */
export function printable(bytes: Uint8Array): string {
  return latin1Of(bytes).replace(/[^\x20-\x7e]/g, "?");
}

/**
 * Octets of hex text, with or without colons, an odd first digit standing for itself. @returns undefined for any other character
 */
export function parseHex(text: string): Uint8Array | undefined {
  const digits = text.replaceAll(":", "");
  if (!/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  return Uint8Array.from(Buffer.from(digits.length % 2 ? `0${digits}` : digits, "hex"));
}

/** Whether two octet strings are the same. */
export function bytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** -1, 0 or 1: the order of two octet strings of the same length as unsigned numbers in network order. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1;
  return 0;
}
