import type { KeyProvider, PublicKeyFormat } from "@cygnet/plugin-api";
import { readPublicKey } from "./keys.js";
import type { PublicKey } from "./keys.js";
import { spkiOf } from "./public-key-formats.js";

/** A public key that is trusted without a certificate. Immutable; owns its octets. */
export class RawPublicKey {
  /** DER SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  readonly publicKey: PublicKey;
  /** SHA-256 of `der` in hex, its name within the daemon, as certificates have one. */
  readonly fingerprint: string;

  /**
   * @param data as `CredentialStore.loadPublicKey`
   * @throws {DefinitionError} CYG_CERT_SYNTAX, CYG_CERT_KEY
   */
  constructor(data: Uint8Array, keys: KeyProvider, format?: PublicKeyFormat) {
    const what = "public key";
    this.der = new Uint8Array(spkiOf(data, what, format));
    this.publicKey = readPublicKey(this.der, keys, what);
    this.fingerprint = keys.fingerprint("sha256", this.der);
  }
}
