import { binding } from "./crypto-binding.js";
import { requireSpec } from "./crypto-error.js";

export type XdhCurve = "X25519" | "X448";

/** Curve25519 and Curve448, RFC 8031. All values have the same length and go over the wire as they are. */
export class XdhKeyExchange {
  readonly privateBytes: number;
  readonly publicBytes: number;
  readonly responseBytes: number;
  readonly secretBytes: number;
  readonly #id: number;

  /** @throws {UnsupportedError} CYG_NATIVE_UNSUPPORTED */
  constructor(readonly curve: XdhCurve) {
    const spec = requireSpec(binding.xdhSpec(curve), curve);
    this.#id = spec.id;
    this.privateBytes = spec.bytes;
    this.publicBytes = spec.bytes;
    this.responseBytes = spec.bytes;
    this.secretBytes = spec.bytes;
  }

  generate(privateValue: Uint8Array, publicValue: Uint8Array): void {
    binding.xdhGenerate(this.#id, privateValue, publicValue);
  }

  /** False for a point of small order, whose secret would be zero whatever our key is. */
  derive(privateValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean {
    return binding.xdhDerive(this.#id, privateValue, response, secret);
  }

  respond(publicValue: Uint8Array, response: Uint8Array, secret: Uint8Array): boolean {
    return binding.xdhRespond(this.#id, publicValue, response, secret);
  }

  /** The public value of a given private one, for tests with published vectors. */
  publicOf(privateValue: Uint8Array, publicValue: Uint8Array): void {
    binding.xdhPublic(this.#id, privateValue, publicValue);
  }
}
