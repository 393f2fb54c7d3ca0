/** Kinds of keys that signatures are made with, as constraints and log lines call them. */
export type KeyKind = "RSA" | "ECDSA" | "ED25519" | "ED448";

/** How a signature is made. */
export interface SignatureParameters {
  /** The hash that is signed; undefined where the algorithm has its own. */
  readonly digest:
    "sha1" | "sha224" | "sha256" | "sha384" | "sha512" | "sha3-224" | "sha3-256" | "sha3-384" | "sha3-512" | undefined;
  /** Octets of salt of RSASSA-PSS, RFC 8017; 0 for RSASSA-PKCS1-v1_5 and all other kinds. */
  readonly saltBytes: number;
}

/** How ECDSA signatures are encoded: as certificates have them, or plain r and s (RFC 4754). */
export type EcdsaEncoding = "der" | "ieee-p1363";

/** A public key. Immutable. */
export interface VerifyingKey {
  readonly kind: KeyKind;
  /** Size of the modulus or the curve, 0 for a curve without a name. */
  readonly bits: number;
  /** Whether a signature is right; false, too, for any that cannot even be looked at. Synchronous, well below a millisecond. */
  verify(parameters: SignatureParameters, data: Uint8Array, signature: Uint8Array, encoding: EcdsaEncoding): boolean;
}

/** A private key. Immutable. */
export interface SigningKey {
  readonly kind: KeyKind;
  /** It may be used with RSASSA-PSS only. */
  readonly isPssOnly: boolean;
  /** The public half as DER SubjectPublicKeyInfo. */
  readonly publicKey: Uint8Array;
  /** The key as PKCS#8, the caller's to zero. */
  toPkcs8(): Uint8Array;
  /**
   * Signs beside the thread that asks, which an RSA signature would hold up for milliseconds.
   * @param data must not change before the promise settles
   */
  sign(parameters: SignatureParameters, data: Uint8Array, encoding: EcdsaEncoding): Promise<Uint8Array>;
}

/** Asymmetric cryptography: what certificates and signatures are built on. */
export interface KeyProvider {
  /** Reads a DER SubjectPublicKeyInfo. @returns undefined for what is malformed or of another kind */
  publicKey(spki: Uint8Array): VerifyingKey | undefined;
  /** Reads PKCS#1, SEC 1 or PKCS#8, in PEM or DER. @returns undefined also for a wrong passphrase */
  privateKey(data: Uint8Array, passphrase?: Uint8Array): SigningKey | undefined;
  /** Whether octets are a well-formed X.509 certificate; says nothing of its signature. */
  isCertificate(der: Uint8Array): boolean;
  /** A hash in hex, what certificates and keys are named by. */
  fingerprint(hash: "sha1" | "sha256", octets: Uint8Array): string;
}
