import { binding } from "./crypto-binding.js";
import { requireSpec } from "./crypto-error.js";

/** NIST curves (RFC 5903, RFC 5114) and Brainpool curves (RFC 6954). */
export type EcpCurve = "P-192" | "P-224" | "P-256" | "P-384" | "P-521" | "BP-224" | "BP-256" | "BP-384" | "BP-512";

/** Diffie-Hellman on a prime curve: public values are x | y, the secret is x alone (RFC 5903 section 7). Private values are big-endian. */
export class EcpKeyExchange {
  readonly privateBytes: number;
  readonly publicBytes: number;
  readonly responseBytes: number;
  readonly secretBytes: number;
  readonly #id: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED */
  constructor(readonly curve: EcpCurve) {
    const spec = requireSpec(binding.ecSpec(curve), curve);
    this.#id = spec.id;
    this.privateBytes = spec.privateBytes;
    this.publicBytes = spec.publicBytes;
    this.responseBytes = spec.publicBytes;
    this.secretBytes = spec.secretBytes;
  }

  generate(privateValue: Uint8Array, publicValue: Uint8Array): void {
    binding.ecGenerate(this.#id, privateValue, publicValue);
  }

  /** False for a point that is not on the curve. */
  derive(privateValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean {
    return binding.ecDerive(this.#id, privateValue, response, secret);
  }

  respond(publicValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean {
    return binding.ecRespond(this.#id, publicValue, response, secret);
  }

  /** The public value of a given private one, for tests with published vectors. */
  publicOf(privateValue: Uint8Array, publicValue: Uint8Array): void {
    binding.ecPublic(this.#id, privateValue, publicValue);
  }
}
