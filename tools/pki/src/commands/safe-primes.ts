import { createPrivateKey, generatePrime } from "node:crypto";
import type { JsonWebKey, KeyObject } from "node:crypto";

const EXPONENT = 65_537n;

/** An RSA key (RFC 8017 section 3.2) of which both primes are safe: half of each less one is a prime, too. */
export async function safePrimeKey(bits: number): Promise<KeyObject> {
  const p = await safePrime(Math.ceil(bits / 2));
  for (;;) {
    const q = await safePrime(Math.floor(bits / 2));
    if (q !== p && bitLength(p * q) === bits) return rsaKey(p > q ? p : q, p > q ? q : p);
  }
}

function safePrime(bits: number): Promise<bigint> {
  return new Promise((resolve, reject) =>
    generatePrime(bits, { safe: true, bigint: true }, (error, prime) => (error ? reject(error) : resolve(prime))),
  );
}

function rsaKey(p: bigint, q: bigint): KeyObject {
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const texts = Object.entries(numbers).map(([name, number]) => [name, octetsOf(number).toString("base64url")]);
  const key: JsonWebKey = { kty: "RSA", ...Object.fromEntries(texts) };
  return createPrivateKey({ key, format: "jwk" });
}

/** By the extended Euclidean algorithm; the numbers have no common factor. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [r, nextR, t, nextT] = [modulus, value % modulus, 0n, 1n];
  while (nextR !== 0n) {
    const quotient = r / nextR;
    [r, nextR] = [nextR, r - quotient * nextR];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return t < 0n ? t + modulus : t;
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

function octetsOf(value: bigint): Buffer {
  const digits = value.toString(16);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
}
