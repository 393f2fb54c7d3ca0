import { binding } from "./crypto-binding.js";

/**
 * Fills `out` from OpenSSL's generator, by way of a pool that the environment keeps (50 ns for 32 octets instead of 660).
 * @throws {Error} CYG_CRYPTO_FAILED when the generator has no entropy
 */
export function randomBytes(out: Uint8Array): void {
  binding.randomBytes(out);
}
