/** The OpenSSL that this Node.js carries was built without an algorithm. `code` is CYG_NATIVE_UNSUPPORTED. */
export class UnsupportedError extends Error {
  readonly code = "CYG_NATIVE_UNSUPPORTED";
  constructor(readonly algorithm: string) {
    super(`${algorithm} is not available in this Node.js' OpenSSL`);
    this.name = "UnsupportedError";
  }
}

/** An array of the wrong length was handed to an algorithm: a bug of the caller, never a peer's doing. `code` is CYG_CRYPTO_LENGTH, as in the addon. */
export class LengthError extends RangeError {
  readonly code = "CYG_CRYPTO_LENGTH";
  constructor(argument: string, actual: number, expected: number) {
    super(`${argument} has ${actual} octets instead of ${expected}`);
    this.name = "LengthError";
  }
}

/** @throws {LengthError} when `octets` does not have exactly `expected` */
export function requireLength(argument: string, octets: Uint8Array, expected: number): void {
  if (octets.length !== expected) throw new LengthError(argument, octets.length, expected);
}

/** @throws {UnsupportedError} when the addon does not know the algorithm */
export function requireSpec<T>(spec: T | undefined, algorithm: string): T {
  if (spec === undefined) throw new UnsupportedError(algorithm);
  return spec;
}
