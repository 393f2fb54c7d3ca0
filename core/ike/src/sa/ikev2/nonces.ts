import type { IkeContext } from "../../ike-context.js";

/** At least half of the key size of any PRF, RFC 7296 section 2.10. */
const NONCE_BYTES = 32;

/** A nonce of our own. */
export function drawNonce({ crypto, random, octets }: IkeContext): Uint8Array {
  const nonce = octets.take(NONCE_BYTES);
  const generator = crypto.nonceGen();
  if (generator) generator.nonce(nonce);
  else random.fill(nonce);
  return nonce;
}

/** Compares nonces as RFC 7296 section 2.8.1 does: octet by octet, a shorter one that is a prefix comes first. Negative when a < b. */
export function compareNonces(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let i = 0; i < common; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** The lower of two nonces. */
export const lowerNonce = (a: Uint8Array, b: Uint8Array): Uint8Array => (compareNonces(a, b) <= 0 ? a : b);
