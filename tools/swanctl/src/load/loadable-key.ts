import type { KeyObject } from "node:crypto";

/** How load-key calls a key, how messages call it, and its octets in the encoding that charon reads for that type. */
export interface LoadableKey {
  readonly type: string;
  readonly label: string;
  readonly data: Uint8Array;
}

export function loadableKey(key: KeyObject): LoadableKey {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return { type: "RSA", label: "RSA", data: key.export({ format: "der", type: "pkcs1" }) };
    case "ec":
      return { type: "ECDSA", label: "ECDSA", data: key.export({ format: "der", type: "sec1" }) };
    case "ed25519":
      return { type: "ED25519", label: "ED25519", data: key.export({ format: "der", type: "pkcs8" }) };
    case "ed448":
      return { type: "ED448", label: "ED448", data: key.export({ format: "der", type: "pkcs8" }) };
    default:
      return { type: "any", label: "private", data: key.export({ format: "der", type: "pkcs8" }) };
  }
}
