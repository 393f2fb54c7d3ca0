import type { KeyExchange } from "@cygnet/plugin-api";
import type { IkeContext } from "../../ike-context.js";

const EMPTY: Uint8Array = new Uint8Array(0);

/** One key exchange in progress, in either role. Holds the private value, and wipes it. */
export class KeyAgreement {
  #provider: KeyExchange | undefined;
  #private = EMPTY;
  #public = EMPTY;
  /** The key exchange method, a transform number; 0 before the start. */
  method = 0;

  constructor(private readonly context: IkeContext) {}

  /** As initiator: our public value for a method; the same one again when asked again. Undefined when no plugin provides the method. */
  begin(method: number): Uint8Array | undefined {
    if (this.#provider !== undefined && this.method === method) return this.#public;
    this.wipe();
    const provider = this.context.crypto.keyExchange(method);
    if (!provider) return undefined;
    this.#provider = provider;
    this.method = method;
    this.#private = this.context.octets.take(provider.privateBytes);
    this.#public = this.context.octets.take(provider.publicBytes);
    provider.generate(this.#private, this.#public);
    return this.#public;
  }

  /** As initiator: the shared secret, which the caller wipes. Undefined when the responder's value is not acceptable. */
  conclude(response: Uint8Array): Uint8Array | undefined {
    const provider = this.#provider;
    if (!provider || response.length !== provider.responseBytes) return undefined;
    const secret = this.context.octets.take(provider.secretBytes);
    const isGood = provider.derive(this.#private, response, secret);
    this.wipe();
    return isGood ? secret : undefined;
  }

  /** As responder: our public value and the shared secret, which the caller wipes. Undefined when the initiator's value is not acceptable. */
  respond(method: number, publicValue: Uint8Array): { readonly response: Uint8Array; readonly secret: Uint8Array } | undefined {
    const provider = this.context.crypto.keyExchange(method);
    if (!provider || publicValue.length !== provider.publicBytes) return undefined;
    this.method = method;
    const response = this.context.octets.take(provider.responseBytes);
    const secret = this.context.octets.take(provider.secretBytes);
    return provider.respond(publicValue, response, secret) ? { response, secret } : undefined;
  }

  /** Zeroes the private value. */
  wipe(): void {
    this.#private.fill(0);
    this.#private = EMPTY;
    this.#public = EMPTY;
    this.#provider = undefined;
  }
}
