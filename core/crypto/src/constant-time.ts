/**
 * Whether two arrays are equal, in a time that depends on their lengths only. For comparing checksums and AUTH values of a peer.
 */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}
