import { HashAlgorithm } from "@cygnet/wire";
import type { Clock, CryptoRegistry, Host } from "@cygnet/plugin-api";
import { InternalError } from "@cygnet/plugin-api";
import type { RandomPool } from "../random-pool.js";

/** How long a cookie is good for. */
const COOKIE_LIFETIME_S = 10;
/** A secret that was used for longer is replaced; cookies made with the one before stay good. */
const SECRET_LIFETIME_S = 120;
const SECRET_BYTES = 16;
const HASH_BYTES = 20;
const TIME_BYTES = 4;
const SPI_BYTES = 8;
const MAX_ADDRESS_BYTES = 16;

/**
 * Stateless cookies, RFC 7296 section 2.6: 4 octets of time, then SHA-1(source address | SPIi | time | secret).
 */
export class CookieJar {
  #secret = new Uint8Array(SECRET_BYTES);
  #previous = new Uint8Array(SECRET_BYTES);
  #secretSince = -1;
  readonly #input = new Uint8Array(MAX_ADDRESS_BYTES + SPI_BYTES + TIME_BYTES + SECRET_BYTES);
  readonly #hash = new Uint8Array(HASH_BYTES);

  constructor(
    private readonly crypto: CryptoRegistry,
    private readonly random: RandomPool,
    private readonly clock: Clock,
  ) {}

  /** A cookie for the sender of an IKE_SA_INIT. */
  bake(source: Host, spiHi: number, spiLo: number): Uint8Array {
    const now = this.#now();
    this.#renewSecret(now);
    return this.#make(source, spiHi, spiLo, now, this.#secret);
  }

  /** Whether a cookie is one of ours for this sender and SPI, and fresh. */
  verify(cookie: Uint8Array, source: Host, spiHi: number, spiLo: number): boolean {
    if (cookie.length !== TIME_BYTES + HASH_BYTES || this.#secretSince < 0) return false;
    const now = this.#now();
    const time = ((cookie[0]! << 24) | (cookie[1]! << 16) | (cookie[2]! << 8) | cookie[3]!) >>> 0;
    if (time > now || now - time > COOKIE_LIFETIME_S) return false;
    return (
      equal(cookie, this.#make(source, spiHi, spiLo, time, this.#secret)) ||
      equal(cookie, this.#make(source, spiHi, spiLo, time, this.#previous))
    );
  }

  #now(): number {
    return Math.floor(this.clock.nowMs / 1000);
  }

  #renewSecret(now: number): void {
    if (this.#secretSince >= 0 && now - this.#secretSince <= SECRET_LIFETIME_S) return;
    [this.#previous, this.#secret] = [this.#secret, this.#previous];
    this.random.fill(this.#secret);
    if (this.#secretSince < 0) this.random.fill(this.#previous);
    this.#secretSince = now;
  }

  #make(source: Host, spiHi: number, spiLo: number, time: number, secret: Uint8Array): Uint8Array {
    const hasher = this.crypto.hasher(HashAlgorithm.SHA1);
    if (!hasher) throw new InternalError("cookies need HASHER:HASH_SHA1");
    const input = this.#input;
    let at = source.address.length;
    input.set(source.address, 0);
    for (const word of [spiHi, spiLo, time]) {
      input[at++] = word >>> 24;
      input[at++] = word >>> 16;
      input[at++] = word >>> 8;
      input[at++] = word;
    }
    input.set(secret, at);
    hasher.hash(input.subarray(0, at + SECRET_BYTES), this.#hash);
    const cookie = new Uint8Array(TIME_BYTES + HASH_BYTES);
    cookie.set(input.subarray(at - TIME_BYTES, at), 0);
    cookie.set(this.#hash, TIME_BYTES);
    return cookie;
  }
}

/** Compares without telling by its duration where the difference is. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}
