import { CygnetError } from "@cygnet/plugin-api";

/**
 * An algorithm or key cannot be used.
 *
 * - CYG_CRYPTO_UNSUPPORTED: no loaded plugin provides an algorithm that a proposal names
 * - CYG_CRYPTO_IV: a counter mode's IV is too short to hold a counter that never repeats
 */
export class CryptoError extends CygnetError {}
