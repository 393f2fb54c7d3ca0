import { createHash, createHmac } from "node:crypto";
import type { Prf } from "@cygnet/plugin-api";

/** HMAC-SHA-256 hashes in blocks of this many octets; a key of any size becomes one block (RFC 2104). */
const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** An algorithm has no state of its own: what belongs to a key is in `state`, which the daemon keeps with the IKE_SA. */
export const hmacSha256: Prf = {
  outputBytes: HASH_BYTES,
  keyBytes: HASH_BYTES,
  hasFixedKey: false,
  stateBytes: BLOCK_BYTES,
  setKey(key, state) {
    checkLength("state", state, BLOCK_BYTES);
    state.fill(0);
    state.set(key.length > BLOCK_BYTES ? createHash("sha256").update(key).digest() : key);
  },
  compute(state, data, out) {
    checkLength("state", state, BLOCK_BYTES);
    checkLength("output", out, HASH_BYTES);
    out.set(createHmac("sha256", state).update(data).digest());
  },
};

/** @throws {RangeError} */
function checkLength(what: string, octets: Uint8Array, expected: number): void {
  if (octets.length !== expected) throw new RangeError(`the ${what} has ${octets.length} octets, not ${expected}`);
}
