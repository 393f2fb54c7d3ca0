import { InternalError, RngQuality } from "@cygnet/plugin-api";
import type { CryptoRegistry } from "@cygnet/plugin-api";

/** Octets drawn from the RNG at a time: a draw costs about as much for 4 KB as for 8 octets. */
const POOL_BYTES = 4096;

/**
 * Random numbers in small pieces, cut from a pool that is refilled from the best registered RNG. Octets are wiped as they are handed out.
 */
export class RandomPool {
  readonly #pool = new Uint8Array(POOL_BYTES);
  readonly #words = new DataView(this.#pool.buffer);
  #at = POOL_BYTES;

  constructor(private readonly crypto: CryptoRegistry) {}

  /** Fills `out`. @throws {InternalError} when no RNG is registered */
  fill(out: Uint8Array): void {
    if (out.length > POOL_BYTES) return this.#rng().bytes(out);
    if (this.#at + out.length > POOL_BYTES) this.#refill();
    for (let i = 0; i < out.length; i++) {
      out[i] = this.#pool[this.#at]!;
      this.#pool[this.#at++] = 0;
    }
  }

  /** 32 random bits, unsigned. */
  u32(): number {
    if (this.#at + 4 > POOL_BYTES) this.#refill();
    const value = this.#words.getUint32(this.#at);
    this.#words.setUint32(this.#at, 0);
    this.#at += 4;
    return value;
  }

  /** A number in [0, 1). */
  fraction(): number {
    return this.u32() / 0x1_0000_0000;
  }

  #refill(): void {
    this.#rng().bytes(this.#pool);
    this.#at = 0;
  }

  #rng(): { bytes(out: Uint8Array): void } {
    const rng = this.crypto.rng(RngQuality.STRONG) ?? this.crypto.rng(RngQuality.WEAK);
    if (!rng) throw new InternalError("no random number generator is registered");
    return rng;
  }
}
