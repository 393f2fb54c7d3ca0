import { IKE_HEADER_BYTES, NotifyType, PayloadType } from "@cygnet/wire";

/** Where the first payload's fields lie in a message. */
const NEXT_PAYLOAD_AT = 16;
const LENGTH_AT = IKE_HEADER_BYTES + 2;
const NOTIFY_TYPE_AT = IKE_HEADER_BYTES + 6;
const NOTIFY_HEADER_BYTES = 8;

/** How two IKE_SA_INIT requests are related: the same octets, the same but for a COOKIE in front of one of them, or neither. */
export type Likeness = "same" | "but-cookie" | "different";

/**
 * Compares IKE_SA_INIT requests, without marker. An initiator that is sent a COOKIE puts it in front of what it sent before and changes
 * nothing else (RFC 7296 section 2.6).
 */
export function likeness(a: Uint8Array, b: Uint8Array): Likeness {
  if (isEqual(a, 0, b, 0)) return "same";
  const [restA, restB] = [behindCookie(a), behindCookie(b)];
  return isEqual(a, restA, b, restB) && firstBehindCookie(a) === firstBehindCookie(b) ? "but-cookie" : "different";
}

/** Where the payloads begin, a COOKIE in front of them not counted. */
function behindCookie(message: Uint8Array): number {
  if (!hasCookie(message)) return IKE_HEADER_BYTES;
  return IKE_HEADER_BYTES + ((message[LENGTH_AT]! << 8) | message[LENGTH_AT + 1]!);
}

/** Type of the first payload, a COOKIE not counted. */
function firstBehindCookie(message: Uint8Array): number | undefined {
  return hasCookie(message) ? message[IKE_HEADER_BYTES] : message[NEXT_PAYLOAD_AT];
}

function hasCookie(message: Uint8Array): boolean {
  return (
    message[NEXT_PAYLOAD_AT] === PayloadType.NOTIFY &&
    message.length >= IKE_HEADER_BYTES + NOTIFY_HEADER_BYTES &&
    ((message[NOTIFY_TYPE_AT]! << 8) | message[NOTIFY_TYPE_AT + 1]!) === NotifyType.COOKIE
  );
}

function isEqual(a: Uint8Array, fromA: number, b: Uint8Array, fromB: number): boolean {
  if (a.length - fromA !== b.length - fromB) return false;
  for (let i = 0; fromA + i < a.length; i++) if (a[fromA + i] !== b[fromB + i]) return false;
  return true;
}
