import type { KeyExchange } from "@cygnet/plugin-api";

/** strongSwan's MODP_NULL: no values, no secret, no cost. For measuring everything but the key exchange. */
export class NullKeyExchange implements KeyExchange {
  readonly privateBytes = 0;
  readonly publicBytes = 0;
  readonly responseBytes = 0;
  readonly secretBytes = 0;

  generate(_privateValue: Uint8Array, _publicValue: Uint8Array): void {
    // All values are empty.
  }

  derive(_privateValue: Uint8Array, response: Uint8Array, _secret: Uint8Array): boolean {
    return response.length === 0;
  }

  respond(publicValue: Uint8Array, _response: Uint8Array, _secret: Uint8Array): boolean {
    return publicValue.length === 0;
  }
}
