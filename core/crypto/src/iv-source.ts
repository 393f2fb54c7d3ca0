import type { Rng } from "@cygnet/plugin-api";

/** Random octets fetched at a time: 256 IVs of AES-CBC per call of the provider. */
const POOL_BYTES = 4096;

/** Unpredictable initialization vectors out of a pool of random octets, so that a message costs no call of the random source. */
export class IvSource {
  readonly #rng: Rng;
  readonly #pool = new Uint8Array(POOL_BYTES);
  #at = POOL_BYTES;

  /** @param rng of at least strong quality */
  constructor(rng: Rng) {
    this.#rng = rng;
  }

  /**
   * Writes `count` octets to `out` at `at`. Each octet is given out once and wiped from the pool.
   *
   * @param count 0 to 4096
   * @throws {SystemError} when the random source fails
   */
  write(out: Uint8Array, at: number, count: number): void {
    if (this.#at + count > POOL_BYTES) {
      this.#rng.bytes(this.#pool);
      this.#at = 0;
    }
    const pool = this.#pool;
    let next = this.#at;
    this.#at = next + count;
    for (let i = 0; i < count; i++) {
      out[at + i] = pool[next];
      pool[next++] = 0;
    }
  }
}
